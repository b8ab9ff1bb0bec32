/** A small answer for `/small/N`, about 4 KB of JSON for `/large/N`: no two large ones are alike. */
export function answerTo(path: string): string {
  const id = Number(path.slice(path.lastIndexOf("/") + 1));
  return path.startsWith("/small/") ? `{"id":${id},"stars":5,"text":"a small answer"}` : largeAnswer(id);
}

function largeAnswer(id: number): string {
  const reviews = Array.from({ length: 28 }, (_, at) => ({
    id: id * 100 + at,
    reviewer: `Reviewer ${(id * 31 + at * 17) % 9973}`,
    text: "An extremely entertaining play by Shakespeare; the humour is refreshing.",
    stars: (id + at) % 5,
  }));
  return JSON.stringify({ id, reviews });
}
