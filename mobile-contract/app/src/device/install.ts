// The service worker: lets the app open without a connection, and brings the next version.

/** Installs the worker. ready is called when a new version waits; what it is given uses that version: the page is loaded anew. */
export async function install(ready: (use: () => void) => void): Promise<void> {
  if (!('serviceWorker' in navigator) || !isSecureContext) return
  let asked = false
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (asked) location.reload()
  })
  const registration = await navigator.serviceWorker.register(address(), { scope: '/app/', updateViaCache: 'none' }).catch(() => undefined)
  if (!registration) return // without it the app works as long as the page is open
  registration.active?.postMessage('check')
  const offer = (): void => {
    const waiting = registration.waiting
    if (!waiting || !navigator.serviceWorker.controller) return
    ready(() => {
      asked = true
      waiting.postMessage('use')
    })
  }
  offer()
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', offer)
  })
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void registration.update().catch(() => undefined)
  })
}

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

/** The worker's address, as a browser wants it that keeps text from becoming code (Trusted Types). */
function address(): string {
  const url = '/app/worker.js'
  const policies = (window as { trustedTypes?: Policies }).trustedTypes
  return policies ? policies.createPolicy('jari', { createScriptURL: () => url }).createScriptURL(url) : url
}
