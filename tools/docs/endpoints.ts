import type { Dialect } from '../../src/core/routes.ts';
import { code, head, table } from './markdown.ts';
import type { Document } from './markdown.ts';

/** docs/endpoints.md: every route of every dialect, from the tables that the server matches. */
export function endpointsDocument(dialects: readonly Dialect[]): Document {
  const sections = dialects.map(({ name, routes, socket_routes = [], owned_prefixes }) => {
    const rows = routes.map(({ methods, path, role, says, body_bytes_max, id }) => [
      methods.map(code).join(' '),
      code(stable(path)),
      role,
      says,
      body_bytes_max === 0 ? 'none' : `${body_bytes_max}`,
      code(id),
    ]);
    rows.push(...socket_routes.map(({ path, roles, says, frame_bytes_max, id }) =>
      ['WebSocket', code(path), roles.join(', '), says, `${frame_bytes_max}`, code(id)]));
    return (
      `## ${name}\n\n${table(['method', 'path', 'host', 'what', 'body, bytes', 'route'], rows)}\n` +
      `Answers what no route matches below: ${owned_prefixes.map(prefix).join(', ')}.\n`
    );
  });
  const text = [
    head('Endpoints', 'the route tables of `src/dialects`'),
    'A route lives on the API hosts or on the page hosts of a world; in development one address ' +
      'plays all roles. A path is matched byte for byte; those of tradovate in any letter case.\n',
    ...sections,
  ].join('\n');
  return { path: 'docs/endpoints.md', text };
}

const prefix = (path: string): string => (path === '' ? 'everything left over' : code(path));

// The names of assets carry a hash of their content, which no document should repeat.
const stable = (text: string): string => text.replaceAll(/(?<=-)[0-9A-Za-z_]{10,}(?=\.)/g, '…');
