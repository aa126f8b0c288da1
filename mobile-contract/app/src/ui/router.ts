// Addresses of pages: what stands behind # names pages and the device's own ids for people, and nothing about them.

/** The parts of an address: '#/p/17/wishes' is ['p', '17', 'wishes']. */
export function parts(hash: string): string[] {
  return hash.replace(/^#?\/?/, '').split('/').filter((p) => p !== '').map(decode)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export function href(...to: string[]): string {
  return '#/' + to.map(encodeURIComponent).join('/')
}

/** Goes to a page. replace leaves no way back to the one before, for after something was forgotten. */
export function go(to: string, replace = false): void {
  if (replace) {
    history.replaceState(null, '', to)
    dispatchEvent(new HashChangeEvent('hashchange'))
  } else {
    location.hash = to
  }
}
