declare module "fs-native-extensions" {
  /** Asks for an exclusive lock on an open file; false when another process holds it. Ends with the file descriptor. */
  export function tryLock(fd: number): boolean;
}
