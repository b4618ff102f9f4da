/** Route × permission as the contract prints it (§13), apart from the code that it judges. */
const TABLE = {
  Accounting: 'account, cashbalance, cashbalancelog, marginsnapshot, tradingpermission',
  Alerts: 'adminalertsignal, alert, alertsignal',
  Chat: 'chat, chatmessage',
  Configuration: 'adminalert, clearinghouse, entitlement, orderstrategytype, property',
  ContractLibrary: 'contract, contractgroup, contractmaturity, currency, currencyrate, exchange, ' +
    'product, productsession, spreaddefinition',
  Fees: 'marketdatasubscriptionexchangescope, marketdatasubscriptionplan, ' +
    'tradovatesubscriptionplan',
  Orders: 'order, orderstrategy, orderstrategylink, orderversion, command, commandreport, ' +
    'executionreport, fill, fillfee',
  Positions: 'position, fillpair',
  Prices: 'md, replay',
  Risks: 'contractmargin, productmargin, accountriskstatus, useraccountautoliq, ' +
    'useraccountpositionlimit, useraccountriskparameter',
  Users: 'user, contactinfo, organization, marketdatasubscription, ' +
    'secondmarketdatasubscription, tradovatesubscription, userplugin, userproperty, ' +
    'usersession, usersessionstats',
} as const;

export type AreaName = keyof typeof TABLE;

/** The entities of each area, by first segment of their paths. */
export const AREA_ENTITIES: { readonly [area in AreaName]: readonly string[] } =
  Object.fromEntries(Object.entries(TABLE).map(([area, entities]) =>
    [area, entities.split(', ')])) as { [area in AreaName]: string[] };

/** Operations that every entity has and that only read. */
export const READ_OPERATIONS = ['find', 'item', 'items', 'list', 'deps', 'ldeps', 'suggest'];
