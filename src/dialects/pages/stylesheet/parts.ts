/** What stands in the column: apps, lists, facts, forms, messages. */
export const PARTS = `
.lead { font-size: 1.0625rem; color: var(--ink-soft); }
.note, .who { font-size: .9375rem; color: var(--ink-soft); }
.who bdi, .note bdi { color: var(--ink); }
section { display: flex; flex-direction: column; gap: .75rem; }

.app-head { display: flex; align-items: flex-start; gap: 1rem; }
.app-head > div { min-width: 0; display: flex; flex-direction: column; gap: .375rem; }
.tile { flex: none; width: 3rem; height: 3rem; border-radius: .875rem; display: grid;
  place-items: center; font-size: 1.375rem; font-weight: 700; color: #fff; overflow: hidden; }
.tile-0 { background: #1d4f91; }
.tile-1 { background: #6b3fa0; }
.tile-2 { background: #8a2f5d; }
.tile-3 { background: #17626b; }
.tile-4 { background: #7a4a1c; }
.tile-5 { background: #4a5568; }
.publisher { display: flex; flex-wrap: wrap; gap: .125rem .75rem; font-size: .9375rem; }
.verified, .unverified { display: inline-flex; align-items: center; gap: .375rem; }
.verified { color: var(--good); }
.unverified { color: var(--ink); font-weight: 600; }
.home { color: var(--ink-soft); }

.scopes { display: flex; flex-direction: column; gap: .625rem; }
.scopes li { display: flex; gap: .75rem; }
.scopes .icon { margin-top: .125rem; color: var(--accent); }
.area > div { min-width: 0; display: flex; flex-direction: column; }
.area-name { display: flex; flex-wrap: wrap; align-items: center; gap: .125rem .5rem; }
.area-says { font-size: .9375rem; color: var(--ink-soft); text-wrap: pretty; }
.trading .area-says { color: var(--ink); }
.level { border: 1px solid var(--control-line); border-radius: .375rem; padding: 0 .4375rem;
  font-size: .8125rem; line-height: 1.4; color: var(--ink-soft); white-space: nowrap; }
.level.full { border-color: var(--accent); color: var(--accent); font-weight: 650; }
.trading .level.full { border-color: var(--danger); background: var(--danger);
  color: var(--danger-ground); }
.levels { display: grid; grid-template-columns: max-content 1fr; gap: .5rem .625rem;
  font-size: .9375rem; }
.levels li { display: grid; grid-template-columns: subgrid; grid-column: 1 / -1;
  align-items: baseline; }
.levels .level { text-align: center; }
summary { display: flex; flex-wrap: wrap; align-items: center; gap: 0 .75rem; cursor: pointer;
  min-height: 2.75rem; list-style: none; color: var(--accent); font-size: .9375rem; }
summary::-webkit-details-marker { display: none; }
summary::before { content: ""; flex: none; width: .5rem; height: .5rem; margin: 0 -.125rem 0 .25rem;
  border: solid currentColor; border-width: 0 2px 2px 0; transform: rotate(-45deg); }
[open] > summary::before { transform: rotate(45deg); }
.areas { margin: -.375rem 0; }
.areas[open] { margin-bottom: 0; }
.trading { border: 1.5px solid var(--danger-line); background: var(--danger-ground);
  border-radius: var(--radius-small); padding: 1rem; display: flex; flex-direction: column;
  gap: .625rem; }
.trading p { font-size: .9375rem; }
.trading .trading-title { display: flex; gap: .75rem; color: var(--danger); font-size: 1rem;
  text-wrap: balance; }
.trading-title .icon { margin-top: .125rem; }
.trading .scopes .icon { color: var(--danger); }
[data-world="paper"] .trading { border-style: dashed; border-color: var(--line);
  background: var(--sunken); }
[data-world="paper"] .trading .trading-title { color: var(--ink); }
[data-world="paper"] .trading .icon { color: var(--accent); }
[data-world="paper"] .trading .level.full { border-color: var(--accent);
  background: var(--accent); color: var(--accent-ink); }

.accounts { display: flex; flex-direction: column; border: 1px solid var(--line);
  border-radius: var(--radius-small); }
.accounts li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem;
  padding: .625rem .875rem; }
.accounts li + li { border-top: 1px solid var(--line); }
.number { font-family: var(--mono); font-weight: 600; font-variant-numeric: tabular-nums; }
.kind { color: var(--ink-soft); }
.kind::first-letter { text-transform: uppercase; }

.details, .where { display: flex; flex-direction: column; gap: 1.25rem; }
.facts { display: flex; flex-direction: column; gap: .75rem; }
.facts dt { font-size: .875rem; font-weight: 600; color: var(--ink-soft); }

form { display: flex; flex-direction: column; gap: 1rem; }
.field { display: flex; flex-direction: column; gap: .375rem; }
label { font-weight: 600; }
input:not([type="hidden"]) { font: inherit; color: var(--ink); background: var(--surface);
  border: 1.5px solid var(--control-line); border-radius: var(--radius-small);
  padding: .625rem .875rem; min-height: 3rem; width: 100%; }
input[aria-invalid] { border-color: var(--danger); }
button, .button { font: inherit; font-weight: 650; min-height: 3rem; padding: .625rem 1.25rem;
  border-radius: var(--radius-small); border: 1.5px solid var(--control-line);
  background: var(--surface); color: var(--ink); cursor: pointer; text-decoration: none;
  text-align: center; display: inline-flex; align-items: center; justify-content: center; }
button:hover, .button:hover { background: var(--sunken); border-color: var(--ink); }
.primary { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
.primary:hover { background: var(--accent-hover); border-color: var(--accent-hover); }
.danger { color: var(--danger); border-color: var(--danger); }
.danger:hover { background: var(--danger-ground); border-color: var(--danger); }
.decision { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
.decision button { min-height: 3.25rem; }
#consent { border-top: 1px solid var(--line); padding-top: 1.25rem; }

.development { border: 1px dashed var(--control-line); border-radius: var(--radius-small);
  padding: .5rem .875rem; font-size: .875rem; color: var(--ink-soft); }
.development strong { font-family: var(--mono); color: var(--ink); }
.refused { display: flex; gap: .75rem; border: 1.5px solid var(--danger-line);
  background: var(--danger-ground); border-radius: var(--radius-small); padding: .875rem; }
.refused .icon { color: var(--danger); margin-top: .125rem; }
.done { border-left: 4px solid var(--good); background: var(--surface); padding: .75rem 1rem;
  border-radius: var(--radius-small); font-weight: 600; }
.empty { border: 1.5px dashed var(--line); border-radius: var(--radius); padding: 2rem 1.5rem;
  text-align: center; color: var(--ink-soft); text-wrap: balance; }
.message { align-items: flex-start; }
.error-text { align-self: stretch; border-left: 4px solid var(--control-line);
  background: var(--sunken); border-radius: var(--radius-small); padding: .75rem 1rem;
  font-family: var(--mono); font-size: .9375rem; }
.makers { align-self: stretch; border-top: 1px solid var(--line); padding-top: 1.25rem; }
.checks { display: flex; flex-direction: column; gap: .5rem; font-size: .9375rem; text-wrap: pretty;
  color: var(--ink-soft); }
.checks strong { color: var(--ink); }
.reference { font-size: .875rem; color: var(--ink-soft); }
code { font-family: var(--mono); }

.page-head { display: flex; flex-wrap: wrap; justify-content: space-between;
  align-items: flex-start; gap: 1rem; }
.connections { display: grid; gap: 1.25rem; margin-bottom: .5rem; }
.end-all { border: 1px solid var(--line); border-radius: var(--radius); padding: 1rem 1.25rem;
  flex-direction: row; flex-wrap: wrap; align-items: center; justify-content: space-between; }
.end-all p { flex: 1 1 18rem; color: var(--ink-soft); font-size: .9375rem; }
.sessions-head { display: flex; flex-direction: column; gap: .375rem; max-width: 44rem;
  margin-top: .75rem; }
.sessions-head h2 { font-size: 1.25rem; letter-spacing: -.01em; }
.session h3 { font-size: 1.0625rem; color: var(--ink); overflow-wrap: anywhere; }
.session code, .address { overflow-wrap: anywhere; }
.device summary { margin: -.625rem 0; }
.device code, .address { font-size: .9375rem; }
.device[open] summary span { display: none; }
.device summary code { color: var(--ink); }
.address { font-family: var(--mono); font-weight: 400; }
.may { display: flex; flex-direction: column; gap: .75rem; }
.side-by-side { display: grid; gap: 1.25rem; align-items: start; }
#personal-token { flex-direction: row; flex-wrap: wrap; }
.token-shown { background: var(--surface); border: 2px solid var(--accent);
  border-radius: var(--radius); padding: 1.25rem; display: flex; flex-direction: column;
  gap: .75rem; }
.token-shown output { font-family: var(--mono); font-size: 1.0625rem; background: var(--sunken);
  border-radius: var(--radius-small); padding: .875rem; user-select: all; }

@media (max-width: 26rem) {
  .page-head form, .connection > form, #personal-token button { width: 100%; }
  .app-head { gap: .75rem; }
}
@media (min-width: 30rem) {
  .facts > div { display: grid; grid-template-columns: 10rem 1fr; gap: 1rem; }
  .facts dt { padding-top: .125rem; }
  .connection > form { align-self: flex-start; }
}
@media (min-width: 64rem) {
  .connection { display: grid; grid-template: "head head" auto "may facts" auto "form form" auto
    / minmax(0, 1.5fr) minmax(0, 1fr); gap: 1.25rem 2.25rem; }
  .connection > .app-head { grid-area: head; }
  .connection > .may { grid-area: may; }
  .connection > .facts { grid-area: facts; }
  .connection > form { grid-area: form; align-self: start; justify-self: start; }
  .connection .facts > div { display: block; }
}
@media (min-width: 94rem) {
  .connection { grid-template: "head may facts" auto "form may facts" 1fr
    / minmax(0, 1fr) minmax(0, 1.35fr) minmax(0, .9fr); }
}
@media (min-width: 80rem) and (max-width: 94rem) { .details .facts > div { display: block; } }
@media (min-width: 80rem) {
  main.medium { max-width: 68rem; }
  .details { display: grid; grid-template-columns: 1.1fr 1fr; gap: 2.5rem; }
  #consent { display: grid; grid-template-columns: 1.1fr 1fr; gap: 2.5rem; align-items: center; }
}
@media (min-width: 48rem) { .side-by-side { grid-template-columns: 1fr 1fr; } }
`;
