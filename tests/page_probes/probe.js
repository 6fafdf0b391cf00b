() => {
  const CONTROLS = 'button, a[href], input, select, textarea, summary, [role=tab], [role=option]';
  const name = (one) => `${one.tagName.toLowerCase()}${one.id ? '#' + one.id : ''}.${one.className} “${(one.innerText || one.ariaLabel || '').trim().slice(0, 40)}”`;
  const isSeen = (one) => one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && !one.closest('.unseen, [hidden]') && one.getBoundingClientRect().width > 0;
  const controls = [...document.querySelectorAll(CONTROLS)].filter(isSeen);
  const found = { small: [], cut: [], covered: [], spilt: [], fine: [], controls: controls.length,
    sideways: document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth,
    downwards: document.scrollingElement.scrollHeight - document.scrollingElement.clientHeight };
  const places = [...document.querySelectorAll('*')].filter((one) => one.scrollTop || one.scrollLeft).map((one) => [one, one.scrollTop, one.scrollLeft]);
  for (const one of controls) {
    one.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
    const box = one.getBoundingClientRect();
    const target = one.matches('input[type=checkbox], input[type=radio]') && one.closest('label') ? one.closest('label').getBoundingClientRect() : box;
    const isInText = one.tagName === 'A' && getComputedStyle(one).display === 'inline';
    if (!isInText && Math.min(target.width, target.height) < 23.9) found.small.push(`${name(one)} ${target.width.toFixed(1)}x${target.height.toFixed(1)}`);
    if (one.scrollWidth > one.clientWidth + 1 && one.tagName !== 'INPUT' && one.clientWidth && getComputedStyle(one).textOverflow !== 'ellipsis') found.spilt.push(`${name(one)} ${one.scrollWidth}>${one.clientWidth}`);
    for (let up = one.parentElement; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.overflowX === 'visible' && style.overflowY === 'visible' && !style.contain.includes('paint')) continue;
      const frame = up.getBoundingClientRect();
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) {
        if (box.height <= frame.height && box.width <= frame.width || box.right > frame.right + 1 || box.left < frame.left - 1)
          found.cut.push(`${name(one)} in ${name(up).slice(0, 60)}`);
        break;
      }
    }
    if (box.left < -1 || box.right > innerWidth + 1) found.cut.push(`${name(one)} beside the window`);
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (hit && !one.contains(hit) && !hit.contains(one) && !(one.labels && [...one.labels].some((label) => label.contains(hit)))) found.covered.push(`${name(one)} by ${name(hit)}`);
  }
  for (const one of document.querySelectorAll('*')) { one.scrollTop && (one.scrollTop = 0); one.scrollLeft && (one.scrollLeft = 0); }
  for (const [one, top, left] of places) { one.scrollTop = top; one.scrollLeft = left; }
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const sizes = new Map();
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !isSeen(parent) || parent.closest('kbd, option, svg')) continue;
    const size = parseFloat(getComputedStyle(parent).fontSize);
    if (size < 13.9) sizes.set(`${name(parent)} ${size}`, size);
  }
  found.fine = [...sizes.keys()];
  return found;
}
