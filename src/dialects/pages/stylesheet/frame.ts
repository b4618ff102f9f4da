/** The page's frame: base text, the world's panel, the column of content. */
export const FRAME = `
*, *::before, *::after { box-sizing: border-box; }
html { font: 100%/1.5 var(--font); -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100svh;
  background: var(--ground);
  color: var(--ink);
  display: flex;
  flex-direction: column;
}
h1, h2, h3, h4, p, ul, dl, dd { margin: 0; padding: 0; }
ul { list-style: none; }
h1 { font-size: clamp(1.375rem, 1.1rem + 1.2vw, 1.75rem); line-height: 1.2;
  letter-spacing: -.015em; text-wrap: balance; }
h2 { font-size: 1.0625rem; line-height: 1.3; }
h3, h4 { font-size: .875rem; line-height: 1.3; color: var(--ink-soft); font-weight: 600; }
h1, h2, p, li, dd, output { overflow-wrap: anywhere; }
small { display: block; font-size: .875rem; color: var(--ink-soft); }
bdi { font-weight: 600; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 3px;
  border-radius: var(--radius-small); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; z-index: 1; padding: .75rem 1rem;
  background: var(--surface); color: var(--ink); border-radius: var(--radius-small); }
.skip:focus { top: 1rem; }
.icon { flex: none; width: 1.25rem; height: 1.25rem; fill: none; stroke: currentColor;
  stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }

.world {
  background: var(--world-pattern), linear-gradient(160deg, var(--world-ground),
    var(--world-ground-2));
  color: var(--world-ink);
}
.world-panel { display: grid; grid-template-columns: 1fr auto; align-items: center;
  gap: .375rem 1rem; padding: 1rem clamp(1rem, 5vw, 2rem); }
.brand { display: flex; align-items: center; gap: .5rem; font-weight: 650; letter-spacing: -.01em; }
.mark { width: 1.75rem; height: 1.75rem; fill: none; stroke: currentColor; stroke-width: 2.4;
  stroke-linecap: round; stroke-linejoin: round; }
.mark rect { stroke-width: 1.5; opacity: .55; }
.world-name { display: contents; }
.world-name .badge { background: var(--world-ink); color: var(--world-ground);
  font-size: .9375rem; padding: .25rem .75rem; }
.world-title { grid-column: 1 / -1; font-weight: 600; }
.world-says, .world-host { grid-column: 1 / -1; font-size: .875rem; color: var(--world-ink-soft); }
.world-says { display: none; }
.world-host strong { color: var(--world-ink); overflow-wrap: anywhere; }

.badge {
  display: inline-block;
  vertical-align: .15em;
  padding: .125rem .5rem;
  border-radius: 99rem;
  background: var(--badge-ground);
  color: var(--badge-ink);
  font-size: .75rem;
  font-weight: 750;
  letter-spacing: .08em;
  line-height: 1.5;
}
[data-world="paper"] .badge { border-radius: .3rem; border: 1.5px dashed currentColor; }

main { width: 100%; margin: 0 auto; padding: clamp(1rem, 4vw, 3rem) clamp(1rem, 5vw, 3rem) 3rem;
  display: flex; flex-direction: column; gap: 1.25rem; }
main.narrow { max-width: 40rem; }
main.medium { max-width: 40rem; }
main.wide { max-width: 76rem; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius);
  box-shadow: var(--shadow); padding: clamp(1.25rem, 4vw, 2.25rem); display: flex;
  flex-direction: column; gap: 1.25rem; }

@media (min-width: 62rem) {
  body { flex-direction: row; align-items: stretch; }
  .world { flex: 0 0 clamp(18rem, 25vw, 26rem); }
  .world-panel { display: flex; flex-direction: column; align-items: flex-start; gap: .75rem;
    padding: 2.5rem clamp(1.5rem, 2.5vw, 2.5rem); position: sticky; top: 0; height: 100vh; }
  .brand { font-size: 1.125rem; margin-bottom: auto; }
  .mark { width: 2.25rem; height: 2.25rem; }
  .world-name { display: flex; flex-direction: column; align-items: flex-start; gap: 1rem; }
  .world-name .badge { font-size: 1.25rem; padding: .375rem 1.125rem; }
  .world-title { font-size: clamp(1.5rem, 2.2vw, 2.125rem); line-height: 1.15;
    letter-spacing: -.02em; text-wrap: balance; }
  .world-says { display: block; font-size: 1rem; max-width: 26rem; }
  .world-host { margin-top: auto; }
  main { flex: 1; min-width: 0; }
  main.narrow, main.medium { justify-content: center; }
}
@media (min-width: 62rem) and (max-height: 30rem) {
  .world-panel { position: static; height: auto; }
}
@media print { .world, form { display: none; } }
@media (forced-colors: active) { .badge, .tile, .card, button { border: 1px solid; } }
@media (prefers-reduced-motion: no-preference) {
  button, .button, input { transition: background-color .12s, border-color .12s; }
}
`;
