// What tests of the explorer look at in its pages. Names that end up in the page are expressions.
import assert from 'node:assert/strict';

/** An expression for the texts of the elements that match a selector. */
export const texts = (selector) => `[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => one.textContent.replaceAll('\\u202f', ' '))`;
export const kMain = `document.getElementById('main').textContent.replaceAll('\\u202f', ' ')`;
export const says = (text) => `${kMain}.includes(${JSON.stringify(text)})`;
export const isConnected = (state) => `document.getElementById('connection').className === ${JSON.stringify(state)}`;

/** All problems for a reader of the page, as texts. It runs in the page; contrast is computed as in WCAG 2.1. */
export function stumbles() {
  const found = [];
  const channels = (color) => /rgba?\(([^)]+)\)/.exec(color)[1].split(/[ ,/]+/).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  for (const element of document.querySelectorAll('body *')) {
    const isShown = element.checkVisibility() && element.getClientRects().length > 0;
    const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
    if (!isShown || !hasText || element.getAnimations().length > 0 || element.closest('.new')?.getAnimations().length > 0) continue;
    const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(groundOf(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) found.push(`contrast ${((a + 0.05) / (b + 0.05)).toFixed(2)} of ${element.tagName} ${element.textContent.slice(0, 30)}`);
  }
  if (document.querySelectorAll('h1').length !== 1) found.push(`${document.querySelectorAll('h1').length} first headings`);
  for (const input of document.querySelectorAll('input, select, textarea')) if (input.labels.length === 0) found.push('an input without a label');
  for (const link of document.querySelectorAll('a, button')) if (link.textContent.trim() === '') found.push(`nothing in ${link.outerHTML}`);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) found.push('an id twice');
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`${scrollWidth} wide on ${clientWidth}`);
  for (const element of document.querySelectorAll('main *')) {
    const isHiding = getComputedStyle(element).overflowX === 'hidden' && !element.classList.contains('unseen');
    if (isHiding && element.scrollWidth > element.clientWidth) found.push(`${element.className || element.tagName} hides a part of ${element.textContent.slice(0, 30)}`);
    const { right, width } = element.getBoundingClientRect();
    if (width > 0 && right > clientWidth + 1 && !element.closest('pre, .unseen')) found.push(`${element.className || element.tagName} reaches to ${right}`);
  }
  return found;
}

/** Opens a page like a link does. */
export async function visit(browser, route, expected) {
  await browser.evaluate(`void (location.hash = ${JSON.stringify(route)})`);
  await browser.until(`location.hash === ${JSON.stringify(route)} && !document.getElementById('main').hasAttribute('aria-busy') && (${expected})`, `${route}: ${expected}`);
}

/** Looks for problems on all pages, `{name: [route, expected]}`, on a phone and on a desk, light and dark. */
export async function onAllScreens(browser, pages, prefix) {
  for (const [width, height] of [[320, 640], [1280, 800]]) {
    await browser.size(width, height);
    for (const scheme of ['light', 'dark']) {
      await browser.scheme(scheme);
      for (const [name, [route, expected]] of Object.entries(pages)) {
        await visit(browser, route, expected);
        assert.deepEqual(await browser.evaluate(`(${stumbles})()`), [], `${name}, ${width} wide, ${scheme}`);
        const ground = await browser.evaluate('getComputedStyle(document.body).backgroundColor');
        assert.equal(ground === 'rgb(255, 255, 255)', scheme === 'light', name);
        await browser.picture(`${prefix}-${name}-${width}-${scheme}`);
      }
    }
  }
}
