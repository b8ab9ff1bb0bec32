/**
 * Idle connections are closed after this. A server that closes one at the very moment it is used again would show as a
 * reset that is not the service's doing, and sending again is not ours to decide: so none is kept for longer than
 * servers commonly do (gunicorn 2 s, Node 5 s).
 */
export const idleMs = 1_000;

/** Less than that where the server's `keep-alive` says less: by this much before the server's own time. */
export const keepAliveMarginMs = 500;
