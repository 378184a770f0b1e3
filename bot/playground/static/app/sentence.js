// What the playground answers, as a sentence.

export function sentence(words) {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?)]$/.test(text) ? text : `${text}.`;
}
