// What lasts as long as a tab: the browser's sessionStorage, which may be switched off or full, and which a service worker has not.

/** What is kept under a name; undefined when it is nothing. */
export function readTab(name: string): string | undefined {
  try {
    return sessionStorage.getItem(name) ?? undefined
  } catch {
    return undefined
  }
}

/** Keeps it; undefined deletes. What cannot be kept stays on the screen only, and whoever is here for a while is forgotten at the next reload. */
export function writeTab(name: string, value: string | undefined): void {
  try {
    if (value === undefined) sessionStorage.removeItem(name)
    else sessionStorage.setItem(name, value)
  } catch {
    // switched off or full
  }
}

/** The names that begin so. */
export function tabNames(prefix: string): string[] {
  try {
    return Object.keys(sessionStorage).filter((k) => k.startsWith(prefix))
  } catch {
    return []
  }
}
