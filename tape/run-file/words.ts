/** Distinct words and the place of each, for columns in which few words come again and again. */
export class Words {
  readonly list: string[] = [];
  readonly #places = new Map<string, number>();
  #last: string | undefined;
  #lastPlace = 0;

  place(word: string): number {
    if (word === this.#last) return this.#lastPlace;
    let place = this.#places.get(word);
    if (place === undefined) {
      place = this.list.push(word) - 1;
      this.#places.set(word, place);
    }
    this.#last = word;
    this.#lastPlace = place;
    return place;
  }
}
