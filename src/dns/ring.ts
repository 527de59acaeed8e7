/** A place in a ring, which is a list without ends: to put something in and to take it out cost the same, wherever it is. */

export class Place {
  next: Place = this;
  previous: Place = this;

  /** Whether it is in no ring; of a head: whether the ring is empty. */
  get isAlone(): boolean {
    return this.next === this;
  }

  /** Of a head: puts a place that is alone behind all others. */
  append(place: Place): void {
    place.previous = this.previous;
    place.next = this;
    this.previous.next = place;
    this.previous = place;
  }

  /** Takes it out of its ring. */
  leave(): void {
    this.next.previous = this.previous;
    this.previous.next = this.next;
    this.next = this;
    this.previous = this;
  }

  /** Of a head: puts all in the ring of another head behind those here. */
  takeOver(head: Place): void {
    if (head.isAlone) return;
    const { next: first, previous: last } = head;
    head.leave();
    this.previous.next = first;
    first.previous = this.previous;
    last.next = this;
    this.previous = last;
  }
}
