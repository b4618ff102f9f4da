/** Account: a brokerage account; its number is unique in its world. */
export type Account = {
  /** e.g. `6YA00001`: what clients put in paths. */
  readonly number: string;
  readonly customer: string;
  readonly classification: AccountClassification;
  readonly type: 'cash' | 'margin';
  readonly status: 'active' | 'closed';
  readonly day_trader: boolean;
  readonly option_level: number;
  readonly created_at: number;
  readonly updated_at: number;
};

export const ACCOUNT_CLASSIFICATIONS = [
  'individual', 'entity', 'joint_survivor', 'traditional_ira', 'roth_ira', 'rollover_ira',
  'sep_ira',
] as const;

export type AccountClassification = (typeof ACCOUNT_CLASSIFICATIONS)[number];
