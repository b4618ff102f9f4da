/**
 * Custom properties: everything that a brokerage may want to change. Every pair of ink and ground
 * has a contrast of at least 4.5 (WCAG 2.2 1.4.3), borders of controls at least 3 (1.4.11).
 */
export const TOKENS = `
:root {
  color-scheme: light dark;
  --font: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", monospace;
  --ground: #f3f5f3;
  --surface: #ffffff;
  --sunken: #f3f5f3;
  --ink: #14201b;
  --ink-soft: #4b5a53;
  --line: #dde3df;
  --control-line: #78877f;
  --focus: #1a4fd6;
  --danger: #a61b29;
  --danger-ground: #fdeeee;
  --danger-line: #e9b7ba;
  --good: #0b6245;
  --shadow: 0 1px 2px rgb(15 35 27 / 6%), 0 12px 32px rgb(15 35 27 / 8%);
  --radius: 1rem;
  --radius-small: .625rem;
}
[data-world="live"] {
  --world-ground: #0a3f2f;
  --world-ground-2: #0d5740;
  --world-ink: #ffffff;
  --world-ink-soft: #c9e5d9;
  --world-pattern: none;
  --badge-ground: #d8f3e6;
  --badge-ink: #07402d;
  --accent: #0b6245;
  --accent-hover: #084d36;
  --accent-ink: #ffffff;
}
[data-world="paper"] {
  --world-ground: #ffcf66;
  --world-ground-2: #ffc247;
  --world-ink: #331e00;
  --world-ink-soft: #573600;
  --world-pattern: repeating-linear-gradient(135deg, rgb(120 70 0 / 9%) 0 12px,
    transparent 12px 28px);
  --badge-ground: #ffe0a0;
  --badge-ink: #4a2c00;
  --accent: #855000;
  --accent-hover: #6b4000;
  --accent-ink: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1210;
    --surface: #161d1a;
    --sunken: #1d2622;
    --ink: #ecf2ee;
    --ink-soft: #a7b6ae;
    --line: #2a3530;
    --control-line: #74857c;
    --focus: #9dbbff;
    --danger: #ff9a9f;
    --danger-ground: #321a1c;
    --danger-line: #6b3236;
    --good: #6fdcae;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 16px 40px rgb(0 0 0 / 35%);
  }
  [data-world="live"] {
    --world-ground: #07291f;
    --world-ground-2: #0b3a2b;
    --badge-ground: #0f4634;
    --badge-ink: #c2f3dd;
    --accent: #5fd6a4;
    --accent-hover: #86e5bd;
    --accent-ink: #04251a;
  }
  [data-world="paper"] {
    --world-ground: #4b3000;
    --world-ground-2: #5c3c02;
    --world-ink: #ffedcc;
    --world-ink-soft: #f3d59a;
    --world-pattern: repeating-linear-gradient(135deg, rgb(255 196 80 / 8%) 0 12px,
      transparent 12px 28px);
    --badge-ground: #5a3a00;
    --badge-ink: #ffdf9e;
    --accent: #ffc65c;
    --accent-hover: #ffd78a;
    --accent-ink: #2b1900;
  }
}
`;
