/** The settings of this dialect that change its wire form (contract §14). */
import type { PageRenderer } from '../../core/views.ts';
import type { WorldName } from '../../core/world.ts';

export type TradierSettings = {
  /** `off` leaves `token_type` out of token answers. */
  readonly token_type: 'Bearer' | 'off';
  /** Repeat the refresh token in refresh answers. */
  readonly refresh_echo: boolean;
  /** `text`: API errors F1–F3 and F5 as bare text. */
  readonly api_errors: 'fault' | 'text';
  readonly read_implies_market: boolean;
  readonly danger_limits_off: boolean;
  readonly aliases: boolean;
};

export type TradierOptions = {
  /** Read at each use: a development control may change values while running. */
  readonly settings: TradierSettings;
  readonly pages: PageRenderer;
  readonly worlds: { readonly [W in WorldName]?: { readonly pages_origin: string } | undefined };
};
