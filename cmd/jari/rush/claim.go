package rush

// claim decides what a request says. target is the person in its body, which differs from the sender for a replayed one.
func (w *worker) claim(e event) (c claim, target int32) {
	r := w.rush
	p := &r.people[e.who]
	c, target = claim{owner: e.who, device: e.device}, e.who
	p.mu.Lock()
	defer p.mu.Unlock()
	p.devices |= 1 << e.device
	mine := ""
	if int(e.device) < len(p.stamps) {
		mine = p.stamps[e.device]
	}
	switch e.act {
	case actAgent:
		c.token, c.stamp = r.config.AgentToken, mine
	case actForge:
		c.stamp = forged(w.rng, "")
	case actAlter:
		c.stamp = altered(w.rng, w.stampOf(mine))
	case actBorrow:
		c.stamp = w.stampOf("")
	case actSteal:
		w.steal(p, &c)
	case actRedo:
		c.stamp = mine
		if mine != "" {
			c.operation = 1
		}
	case actClaimTime:
		c.member = `,"received_at":"` + r.town.opens.UTC().Format("2006-01-02T15:04:05.000000Z") + `"`
	case actOldDate:
		c.extra, c.stamp = oldDate(w.rng), mine
	case actTwoSecrets:
		c.extra = "Authorization: Bearer " + string(r.keys.secret(nil, e.who, 5)) + "\r\n"
	case actHeaders:
		c.extra, c.stamp = strangeHeaders, mine
	case actReplay:
		if who := r.leaks.person(w.rng); who != nobody {
			target = who
		}
	case actReenter: // all that was known is lost, the stamp too
	default:
		c.stamp = mine
	}
	return c, target
}

// stampOf is the given stamp, or somebody else's, or one that looks like one.
func (w *worker) stampOf(mine string) string {
	if mine != "" {
		return mine
	}
	if k := w.rush.leaks.stamp(w.rng); k != nil {
		return k.stamp
	}
	return forged(w.rng, "")
}

// steal takes another device's secret, operation and stamp. It stays with the first: which device made an entry must be
// known. While nobody has a stamp it is a made-up device with a made-up stamp.
func (w *worker) steal(p *person, c *claim) {
	if p.stolen == nil {
		if p.stolen = w.rush.leaks.stamp(w.rng); p.stolen == nil {
			p.stolen = &leak{who: c.owner, device: stolenDevice, stamp: forged(w.rng, "")}
		}
	}
	c.owner, c.device, c.stamp = p.stolen.who, p.stolen.device, p.stolen.stamp
}

// trusts reports whether the device keeps a stamp and sends it with the repetition of the very same request, so that it
// must count. A trickster's use of a stamp guarantees nothing.
func (a act) trusts() bool {
	switch a {
	case actApply, actTap, actEarly, actAgent, actOldDate, actHeaders:
		return true
	}
	return false // actReenter too: it has lost its stamp
}
