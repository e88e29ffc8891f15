/** Numbers that stand for objects in the protocol. */

export class Handles<T> {
  private next = 1;
  private objects = new Map<number, T>();

  add(object: T): number {
    const handle = this.next++;
    this.objects.set(handle, object);
    return handle;
  }

  get(handle: number): T | undefined {
    return this.objects.get(handle);
  }

  /** Handles of before mean nothing any more; they are not given out again, so that a late request can't hit another. */
  clear(): void {
    this.objects = new Map();
  }
}
