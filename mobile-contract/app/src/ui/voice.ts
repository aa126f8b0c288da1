// What is said to whoever listens to the page instead of looking at it.

const stays = 20_000 // milliseconds; later somebody who reads the page to its end would take it for news

export class Voice {
  private readonly place = document.createElement('div')
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.place.className = 'voice'
    this.place.setAttribute('role', 'status')
    document.body.append(this.place)
  }

  say(text: string): void {
    // The same words again are not read again unless they differ.
    this.place.textContent = this.place.textContent === text ? `${text}\u00a0` : text
    clearTimeout(this.timer)
    this.timer = setTimeout(() => (this.place.textContent = ''), stays)
  }

  /** Takes back what was said last. */
  hush(): void {
    clearTimeout(this.timer)
    this.place.textContent = ''
  }
}
