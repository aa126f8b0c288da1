import type { Campaign, ContractPerson, Devices, Wishes } from './contract.ts'
import { merge } from './merge.ts'
import { fresh, secret } from './random.ts'
import { spread } from './spread.ts'
import { keep, mostPending, mostPeople, opens, outboxOf, pending, personOf, remove, takeOut } from './state.ts'
import type { Bodies, Form, Kind, Operation, Person, State } from './state.ts'
import { forgetDone } from './took.ts'
import { introduction, maybe, prepared, saw, supersede, tidyForm, tidyPerson, tidyWishes } from './wishes.ts'

/** What the protocol takes from outside: time, chance and what is cached. */
export interface Outside {
  /** The device's clock, in milliseconds since 1970. */
  now: number
  /** Fills with bytes of a cryptographic source, for secrets and ids. It throws when there are none. */
  random(bytes: Uint8Array): void
  /** In [0, 1), for spreading. */
  dice(): number
  /** The campaign's document as it is cached. Only a drawn order is looked for in it. */
  campaign(slug: string): Campaign | undefined
}

/**
 * Why something cannot be written. The state may be half-changed then: throw it away, as every write does that fails.
 * - full: this device speaks for six people already
 * - nobody: nobody of that name on this device
 * - too_many: too much waits to be sent for this person
 * - nothing: introduce the person or apply first
 * - leaving: the withdrawal is still being sent; apply again after it
 * - no_offer: this appointment is not offered
 * - no_secret: no randomness for a secret
 */
export class Refusal extends Error {
  constructor(readonly why: 'full' | 'nobody' | 'too_many' | 'nothing' | 'leaving' | 'no_offer' | 'no_secret') {
    super(`cannot be written: ${why}`)
    this.name = 'Refusal'
  }
}

/**
 * Writes what the person does into a state. Every method appends at most one operation to the person's outbox (recover: two); tapping twice
 * writes once. Nothing is sent and nothing is stored here: whoever holds the state stores it before anything is sent.
 */
export class Pen {
  constructor(readonly state: State, readonly outside: Outside) {}

  /** Takes a person on this device, with a secret of their own, and returns the local id. Nothing is sent yet. */
  add(campaign: string, form: Form): string {
    if (this.state.people.length >= mostPeople) throw new Refusal('full')
    const id = this.draw(fresh)
    this.state.people.push({ id, campaign, secret: this.draw(secret), form: tidyForm(form) })
    return id
  }

  /**
   * Prepares: person, region and wishes are left at the server, and the phone can be proven, so that the application takes one tap on the
   * night. It gives no arrival.
   */
  introduce(id: string): void {
    const who = this.who(id)
    supersede(who)
    this.write(who, 'introduce', (op) => introduction(who.form, op))
  }

  /**
   * Applies with what the form holds. Who has applied already does nothing by it; who has withdrawn starts afresh, with a new secret. Under
   * a drawn order it is sent at a random moment soon.
   */
  apply(id: string): void {
    const who = this.who(id)
    if (pending(who, 'cancel')) throw new Refusal('leaving')
    if (who.spent === true || who.told?.state === 'withdrawn') this.afresh(who)
    else if (who.applied === true || pending(who, 'register')) return
    supersede(who)
    this.write(who, 'register', (op) => introduction(who.form, op))
    const last = outboxOf(who)[outboxOf(who).length - 1]
    if (last !== undefined) keep(last, 'rest', spread(this.state, who, this.outside))
  }

  /** Forgets the entry that was given up. What still waits for it can no longer be carried out. */
  private afresh(who: Person): void {
    const begun: Person = { id: who.id, campaign: who.campaign, secret: this.draw(secret), form: who.form }
    keep(begun, 'forget_after', who.forget_after)
    for (const name of Object.keys(who)) delete (who as unknown as Record<string, unknown>)[name]
    Object.assign(who, begun)
  }

  /** Brings a new device to an entry that exists, at any time: it introduces the person and asks for the code. */
  recover(id: string): void {
    this.introduce(id)
    this.requestCode(id)
  }

  /** Asks for a code by text to the phone on file. */
  requestCode(id: string): void {
    this.plain(id, 'request_code')
  }

  /** Proves the phone on file with the code that was texted. A code that is asked for and not answered yet is not asked for any more. */
  verify(id: string, code: string): void {
    const who = this.who(id)
    takeOut(who, (o) => o.kind === 'request_code')
    this.write(who, 'verify', (op) => ({ operation_id: op, code }))
  }

  /**
   * Replaces region and wishes. With onlyIfUnchanged it is made only if nobody changed the entry since this device was told of it; otherwise
   * the latest change counts. Where nothing stands at the server and nothing is on its way, such as after an application that was refused,
   * they are kept for the next one, and nothing is written.
   */
  changeWishes(id: string, region: string | undefined, wishes: Wishes | undefined, onlyIfUnchanged: boolean): void {
    this.wish(id, 'change_wishes', region, wishes, onlyIfUnchanged)
  }

  /** Looks for another appointment by these wishes; the present one is kept until there is another. */
  askSwap(id: string, region: string | undefined, wishes: Wishes | undefined, onlyIfUnchanged: boolean): void {
    this.wish(id, 'ask_swap', region, wishes, onlyIfUnchanged)
  }

  private wish(id: string, kind: 'change_wishes' | 'ask_swap', region: string | undefined, wishes: Wishes | undefined, onlyIfUnchanged: boolean): void {
    const who = this.who(id)
    const seen = saw(who, onlyIfUnchanged)
    const wanted = tidyWishes(wishes)
    keep(who.form, 'region', region) // an application that is written later holds them too
    keep(who.form, 'wishes', wanted)
    if (kind === 'change_wishes' && prepared(who)) {
      this.introduce(id) // there is no entry to change yet: what was prepared is replaced
      return
    }
    if (kind === 'change_wishes' && !begun(who)) return
    this.write(who, kind, (op) => ({
      operation_id: op, ...maybe('region', region), ...maybe('wishes', wanted), ...maybe('if_revision', seen),
    }))
  }

  /** Says how the person's data should stand; the place is kept. */
  correct(id: string, person: ContractPerson, region: string | undefined, onlyIfUnchanged: boolean): void {
    const who = this.who(id)
    const seen = saw(who, onlyIfUnchanged)
    who.form.person = tidyPerson(person)
    keep(who.form, 'region', region)
    this.write(who, 'correct', (op) => ({
      operation_id: op, person: tidyPerson(person), ...maybe('region', region), ...maybe('if_revision', seen),
    }))
  }

  /** Accepts the appointment that the person saw. */
  confirm(id: string, appointment: string): void {
    this.answer(id, 'confirm', appointment)
  }

  /** Gives the appointment back that the person saw; the place is kept. */
  decline(id: string, appointment: string): void {
    this.answer(id, 'decline', appointment)
  }

  private answer(id: string, kind: 'confirm' | 'decline', appointment: string): void {
    const who = this.who(id)
    if (who.told?.appointment?.id !== appointment) throw new Refusal('no_offer')
    this.write(who, kind, (op) => ({ operation_id: op, appointment }))
  }

  /** Withdraws. The place is given up. */
  cancel(id: string): void {
    this.plain(id, 'cancel')
  }

  /** Takes the wish for another appointment back. */
  dropSwap(id: string): void {
    this.plain(id, 'drop_swap')
  }

  /** Names one phone that gets copies and may answer. */
  setHelper(id: string, phone: string, onlyIfUnchanged: boolean): void {
    const who = this.who(id)
    const seen = saw(who, onlyIfUnchanged)
    this.write(who, 'set_helper', (op) => ({ operation_id: op, phone, ...maybe('if_revision', seen) }))
  }

  /** Ends a helper's copies and answers. */
  removeHelper(id: string): void {
    this.plain(id, 'remove_helper')
  }

  /** Shuts out this device or, after a lost phone, all others. */
  removeDevices(id: string, devices: Devices): void {
    this.write(this.who(id), 'remove_devices', (op) => ({ operation_id: op, devices }))
  }

  /** Writes an operation that its kind says all about. */
  private plain(id: string, kind: 'request_code' | 'cancel' | 'drop_swap' | 'remove_helper'): void {
    this.write(this.who(id), kind, (op) => ({ operation_id: op }))
  }

  /** Says that the device is shared: everything about the person goes once all is answered, at once if nothing waits. */
  forgetAfter(id: string): void {
    this.who(id).forget_after = true
    forgetDone(this.state)
  }

  /** Deletes everything about a person now, also what was never sent. */
  forget(id: string): void {
    remove(this.state, this.who(id).id)
  }

  /** Takes a notice away that the person has read. */
  seen(number: number): void {
    keep(this.state, 'notices', (this.state.notices ?? []).filter((n) => n.number !== number))
  }

  private who(id: string): Person {
    const who = personOf(this.state, id)
    if (who === undefined) throw new Refusal('nobody')
    return who
  }

  /** Draws an id or a secret. */
  private draw(what: (random: Outside['random']) => string): string {
    try {
      return what((bytes) => this.outside.random(bytes))
    } catch {
      throw new Refusal('no_secret')
    }
  }

  /** Appends an operation, or puts it in the place of one that says the same or that it replaces. */
  private write<K extends Kind>(who: Person, kind: K, body: (op: string) => Bodies[K]): void {
    if (!opens(kind) && !begun(who)) throw new Refusal('nothing')
    const id = this.draw(fresh)
    const written = { id, kind, body: body(id) } as Operation
    if (!merge(who, written)) {
      if (outboxOf(who).length >= mostPending) throw new Refusal('too_many')
      who.outbox = [...outboxOf(who), written]
    }
    // A person has just done something: a pause that nobody asked for ends.
    if (this.state.asked !== true) delete this.state.rest
  }
}

/** Whether there is anything at the server for an operation to be about, or on its way there. */
function begun(who: Person): boolean {
  return who.reference !== undefined || pending(who, 'introduce') || pending(who, 'register')
}
