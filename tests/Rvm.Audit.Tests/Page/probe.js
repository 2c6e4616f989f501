// Measures the page as a reader would: does it fit, does each link lead to something that can be seen, is text readable on its ground?
const answer = { theorems: 0, links: 0, dead: [], hidden: [], wide: [], pale: [], dark: matchMedia('(prefers-color-scheme: dark)').matches };
const screen = document.documentElement.clientWidth;
answer.theorems = document.querySelectorAll('h4[id^="theorem-"]').length;
for (const e of document.querySelectorAll('body *'))
  if (e.getBoundingClientRect().right > screen + 1 && !e.closest('.scroll')) answer.wide.push(e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 40));

const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const luminance = text => { const [r, g, b] = text.match(/[\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (c !== 'rgba(0, 0, 0, 0)') return c; } return 'rgb(255, 255, 255)'; };
const seen = new Set();
for (const e of document.querySelectorAll('p, td, th, dt, dd, a, code, pre, summary, h1, h2, h3, h4, .mark')) {
  const pair = getComputedStyle(e).color + ' on ' + ground(e);
  if (seen.has(pair)) continue;
  seen.add(pair);
  const [a, b] = [luminance(getComputedStyle(e).color), luminance(ground(e))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) answer.pale.push(e.tagName + ': ' + pair);
}

for (const link of document.querySelectorAll('a[href]')) {
  answer.links++;
  const href = link.getAttribute('href');
  const target = href.startsWith('#') ? document.getElementById(decodeURIComponent(href.slice(1))) : null;
  if (!target) { answer.dead.push(href); continue; }
  if (answer.links % 17 && target.closest('details')) continue;   // every link is looked up; of those into folded parts some are followed
  for (const d of document.querySelectorAll('details[open]')) d.open = false;
  link.closest('details')?.setAttribute('open', '');
  link.click();
  const box = target.getBoundingClientRect();
  if (box.height === 0 || box.top < -2 || box.top > innerHeight) answer.hidden.push(href);
}
const out = document.createElement('script');
out.type = 'application/json';
out.id = 'answer';
out.textContent = JSON.stringify(answer);
document.body.append(out);
