() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walk.nextNode()) nodes.push(walk.currentNode);
  for (const node of nodes) {
    const text = node.data.trim();
    const holder = node.parentElement;
    if (!/\p{L}{2}/u.test(text) || /[\u0627\u0644\u0645\u0648]/.test(text) || holder.closest('.mono, .num, .chip, kbd, script, style, option, [role=application]')) continue;
    node.data = `${node.data} ${'\u0645\u0644\u0627\u0648'.repeat(10).slice(0, Math.ceil(text.length * 0.4) - 1)}`;
  }
}
