// Keeps the wall and an open phone as they are at the server: whenever something has changed there, the page is fetched anew and its parts
// are taken over, but for what somebody is typing in. Markup is read by XMLHttpRequest alone, which runs no scripts of it.
'use strict'

const line = document.getElementById('line')
let fetching = false, again = false

function refresh() {
  if (fetching) { again = true; return }
  fetching = true
  again = false
  const x = new XMLHttpRequest()
  x.open('GET', location.pathname + location.search)
  x.responseType = 'document'
  x.timeout = 10000
  x.onloadend = () => {
    if (x.status === 200 && x.response) takeOver(x.response)
    // A crowd texts all the time: no more than about one look a second.
    setTimeout(() => { fetching = false; if (again) refresh() }, 700)
  }
  x.send()
}

function takeOver(fresh) {
  const focused = document.activeElement, id = focused?.id
  merge(document, fresh)
  if (id && !focused.isConnected) document.getElementById(id)?.focus({ preventScroll: true })
}

// merge takes over the lists and parts of one tree that are in the other as well.
function merge(here, fresh) {
  for (const part of fresh.querySelectorAll('[data-list], [data-part], [data-sending]')) {
    const old = document.getElementById(part.id)
    if (!old || !here.contains(old)) continue
    if (part.hasAttribute('data-list')) list(old, part)
    else if (part.hasAttribute('data-sending') ? old.dataset.sending !== part.dataset.sending : old.innerHTML !== part.innerHTML) swap(old, part)
  }
}

function swap(old, part) {
  if (part.dataset.sending) old.dataset.sending = part.dataset.sending
  old.replaceChildren(...Array.from(part.childNodes, n => document.importNode(n, true)))
}

// list brings the children into the new order, adds and removes. What holds the focus is neither moved nor removed.
function list(old, part) {
  const held = Array.from(old.children).find(c => c.contains(document.activeElement))
  const wanted = Array.from(part.children), ids = new Set(wanted.map(c => c.id))
  for (const c of Array.from(old.children)) if (!ids.has(c.id) && c !== held) c.remove()
  let at = old.firstElementChild
  for (const c of wanted) {
    let mine = document.getElementById(c.id)
    if (!mine) mine = document.importNode(c, true)
    else if (mine.className !== c.className) mine.className = c.className
    if (mine === at) { at = at.nextElementSibling; continue }
    if (mine === held) { at = held.nextElementSibling; continue }
    old.insertBefore(mine, at)
  }
}

addEventListener('submit', async event => {
  const form = event.target
  if (!form.matches('[data-quiet]')) return
  event.preventDefault()
  let said = ''
  try {
    const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, event.submitter)), redirect: 'manual' })
    if (answer.type !== 'opaqueredirect' && !answer.ok) said = (await answer.json()).title
  } catch (e) {
    said = String(e.message ?? e)
  }
  let told = form.querySelector('[role=alert]')
  if (said) {
    if (!told) {
      told = document.createElement('p')
      told.className = 'failed'
      told.setAttribute('role', 'alert')
      form.append(told)
    }
    told.textContent = said
    return
  }
  told?.remove()
  for (const text of form.querySelectorAll('textarea')) text.value = ''
  refresh()
})

// Enter sends, as on a phone; with Shift it is a new line. While Korean is being put together it is part of that.
addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.target.matches('.send textarea')) {
    event.preventDefault()
    event.target.form.requestSubmit()
  }
})

const events = new EventSource('/sim/events')
events.onmessage = () => {
  if (line.textContent !== line.dataset.liveText) line.textContent = line.dataset.liveText
  refresh()
}
events.onerror = () => { line.textContent = line.dataset.staleText }
