/** Holds at most one Step until it is free to go: the Steps after it are not offered meanwhile. */
export interface Gate {
  /** Goes now when `free`, else when `open` is called. */
  pass(free: boolean, go: () => void): Promise<void> | undefined;
  /** Lets the held Step go, if there is one. */
  open(): void;
  /** Holds nobody from now on. */
  letGo(): void;
}

export function openGate(): Gate {
  let held: (() => void) | undefined;
  let holds = true;
  const open = () => {
    const release = held;
    held = undefined;
    release?.();
  };
  return {
    pass(free, go) {
      if (free || !holds) {
        go();
        return undefined;
      }
      return new Promise((resolve) => {
        held = () => {
          try {
            go();
          } finally {
            resolve();
          }
        };
      });
    },
    open,
    letGo() {
      holds = false;
      open();
    },
  };
}
