// The name of this page among several of the same person.

export const TAB = Math.random().toString(36).slice(2);
