/** Holds at most one Step until it is free to go: the Steps after it are not offered meanwhile. */
export interface Gate {
  /** Goes now when `free`, else when `open` is called. */
  pass(free: boolean, go: () => void): Promise<void> | undefined;
  /** Lets the held Step go, if there is one. */
  open(): void;
}

export function openGate(): Gate {
  let held: (() => void) | undefined;
  return {
    pass(free, go) {
      if (free) {
        go();
        return undefined;
      }
      return new Promise((resolve) => {
        held = () => {
          go();
          resolve();
        };
      });
    },
    open() {
      const release = held;
      held = undefined;
      release?.();
    },
  };
}
