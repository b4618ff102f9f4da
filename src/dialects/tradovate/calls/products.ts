/** Products: the permission areas that an app can be granted (contract §12.5–§12.7). */
import { AREAS, type Area, levelIn, levelsOf } from '../../../core/rules/scopes/areas.ts';
import { WORLD_NAMES } from '../../../core/world.ts';
import { WORLD_WORDS } from '../profile.ts';
import type { TradovateOptions } from '../settings.ts';

type Worlds = TradovateOptions['worlds'];

/** @param granted what a token may do; undefined without one */
export function productObject(area: Area, worlds: Worlds, granted?: number): object {
  return {
    id: area.id,
    name: area.name,
    description: area.description,
    levels: levelsOf(area),
    environments: WORLD_NAMES.filter((world) => worlds[world] !== undefined)
      .map((world) => WORLD_WORDS[world]),
    active: true,
    granted: granted === undefined ? undefined : levelIn(granted, area),
  };
}

export function areaById(id: number): Area | undefined {
  return AREAS.find((area) => area.id === id);
}

/** In any letter case. */
export function areaByName(name: string): Area | undefined {
  return AREAS.find((area) => area.name.toLowerCase() === name.toLowerCase());
}

/** Characters that a search needs, so that it is none for everything. */
const SEARCH_CHARACTERS_MIN = 3;

/** Areas whose name or description holds the text as it is; null when it is too short. */
export function areasWith(text: string): readonly Area[] | null {
  const wanted = text.trim().toLowerCase();
  if (wanted.length < SEARCH_CHARACTERS_MIN) return null;
  return AREAS.filter(({ name, description }) =>
    name.toLowerCase().includes(wanted) || description.toLowerCase().includes(wanted));
}
