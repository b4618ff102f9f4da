/**
 * Which permission an operation on an entity needs (contract §13): the first segment decides the
 * area, the operation the level. Data for REST and streams alike; names in any letter case.
 */
import { areaWord } from '../../core/rules/scopes/areas.ts';

type AreaEntities = {
  readonly area: string;
  readonly entities: readonly string[];
  /** Operations beside the usual ones that only read: `entity/operation`. */
  readonly reads?: readonly string[];
};

/** Operations that read, of every entity. Everything else changes something. */
const READS: ReadonlySet<string> = new Set([
  'find', 'item', 'items', 'list', 'deps', 'ldeps', 'suggest',
]);

const TABLE: readonly AreaEntities[] = [
  {
    area: 'Accounting',
    entities: [
      'account', 'cashbalance', 'cashbalancelog', 'marginsnapshot', 'tradingpermission',
    ],
    reads: ['cashbalance/getcashbalancesnapshot'],
  },
  { area: 'Alerts', entities: ['adminalertsignal', 'alert', 'alertsignal'] },
  { area: 'Chat', entities: ['chat', 'chatmessage'] },
  {
    area: 'Configuration',
    entities: ['adminalert', 'clearinghouse', 'entitlement', 'orderstrategytype', 'property'],
  },
  {
    area: 'ContractLibrary',
    entities: [
      'contract', 'contractgroup', 'contractmaturity', 'currency', 'currencyrate', 'exchange',
      'product', 'productsession', 'spreaddefinition',
    ],
    reads: ['contract/rollcontract', 'contract/getproductfeeparams'],
  },
  {
    area: 'Fees',
    entities: [
      'marketdatasubscriptionexchangescope', 'marketdatasubscriptionplan',
      'tradovatesubscriptionplan',
    ],
  },
  {
    area: 'Orders',
    entities: [
      'order', 'orderstrategy', 'orderstrategylink', 'orderversion', 'command', 'commandreport',
      'executionreport', 'fill', 'fillfee',
    ],
  },
  { area: 'Positions', entities: ['position', 'fillpair'] },
  {
    area: 'Prices',
    entities: ['md', 'replay'],
    reads: [
      'md/subscribequote', 'md/unsubscribequote', 'md/subscribedom', 'md/unsubscribedom',
      'md/subscribehistogram', 'md/unsubscribehistogram', 'md/getchart', 'md/cancelchart',
      'replay/checkreplaysession', 'replay/initializeclock', 'replay/changespeed',
    ],
  },
  {
    area: 'Risks',
    entities: [
      'contractmargin', 'productmargin', 'accountriskstatus', 'useraccountautoliq',
      'useraccountpositionlimit', 'useraccountriskparameter',
    ],
  },
  {
    area: 'Users',
    entities: [
      'user', 'contactinfo', 'organization', 'marketdatasubscription',
      'secondmarketdatasubscription', 'tradovatesubscription', 'userplugin', 'userproperty',
      'usersession', 'usersessionstats',
    ],
    reads: ['user/syncrequest'],
  },
];

const AREA_OF = new Map(TABLE.flatMap(({ area, entities }) =>
  entities.map((entity) => [entity, area] as const)));

const EXTRA_READS: ReadonlySet<string> = new Set(TABLE.flatMap(({ reads = [] }) => reads));

/** Entity and operation, nothing around or between them: no other form is a path of ours. */
const OPERATION = /^([a-z]+)\/([a-z]+)$/;

/** Names of all entities, for tests that walk the table. */
export const ENTITIES: readonly string[] = [...AREA_OF.keys()];

/**
 * The permission that `entity/operation` needs, as a scope word.
 * @returns null for what is no operation on a known entity: it does not exist (404)
 */
export function permissionFor(operation: string): string | null {
  const folded = operation.toLowerCase();
  const [, entity = '', verb = ''] = OPERATION.exec(folded) ?? [];
  const area = AREA_OF.get(entity);
  if (area === undefined) return null;
  const only_reads = READS.has(verb) || EXTRA_READS.has(folded);
  return areaWord(area, only_reads ? 'Read' : 'FullAccess');
}
