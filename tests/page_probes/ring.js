// What the focus looks like; null where the keyboard has left the page.
() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const style = getComputedStyle(one);
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let under = parseFloat(style.outlineOffset) < 0 ? one : one.parentElement;
  while (under && /rgba\(0, 0, 0, 0\)/.test(getComputedStyle(under).backgroundColor)) under = under.parentElement;
  const [most, least] = [light(style.outlineColor), light(getComputedStyle(under ?? document.documentElement).backgroundColor)].sort((a, b) => b - a);
  const isAtAll = style.outlineStyle !== 'none';
  return { name: one.tagName + one.id + one.className + one.textContent.trim().slice(0, 20), width: isAtAll ? parseFloat(style.outlineWidth) : 0, ratio: (most + 0.05) / (least + 0.05) };
}
