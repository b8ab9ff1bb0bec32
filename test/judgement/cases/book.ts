/** An answer without anything that moves by itself. */
export const book = {
  id: { $from: "id" },
  title: { $pick: ["Ulysses", "Emma", "Walden", "Dubliners"] },
  stars: { $number: [1, 5] },
  price: { $number: [5, 60, 2] },
  tags: ["new", "paper", "english"],
  author: { name: { $pick: ["Joyce", "Austen", "Thoreau"] }, born: { $number: [1770, 1890] } },
  reviews: { $list: { count: [2, 4], of: { by: "reader {n}", rating: { $number: [1, 5] } } } },
} as const;
