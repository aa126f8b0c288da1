// Where the focus goes when what had it is drawn away: nobody who goes by keyboard, or listens, is thrown back to the top of the page.

/** Draws. If the element with the focus goes by that, the head of the part of the page in which it stood gets it. */
export function keepFocus(root: Element, draw: () => void): void {
  const at = document.activeElement
  const around: Element[] = []
  for (let e = at; e && e !== root; e = e.parentElement) around.push(e)
  const inside = at instanceof HTMLElement && root.contains(at)
  draw()
  if (!inside || document.activeElement === at) return
  if (at.isConnected && !(at as HTMLButtonElement).disabled) {
    at.focus({ preventScroll: true }) // it was only moved
    return
  }
  const left = around.find((e) => e.isConnected && e.matches('section, fieldset, form, main'))
  const head = (left ?? root).querySelector<HTMLElement>('h1, h2, h3')
  if (!head) return
  if (!head.hasAttribute('tabindex')) head.tabIndex = -1
  head.focus({ preventScroll: true }) // whoever looks at the page is not moved
}
