package words

import (
	"fmt"
	"strings"
	"time"
)

// koreanTexts are the texts in Korean: polite, short, without particles that depend on a number or a name.
var koreanTexts = map[Kind]func(Data) []string{
	Registered: koRegistered,
	Welcome: func(d Data) []string {
		next := []string{" 하실 일은 없습니다. 시간이 정해지면 문자로 알려 드립니다.", " 하실 일은 없습니다."}
		return append(each(d.Masked+"님 접수되었습니다."+koPlace(d)+koTicket(d), next),
			d.Masked+"님 접수됨."+strings.TrimSuffix(koPlace(d), "번.")+koTicket(d)+next[1])
	},
	Code: func(d Data) []string {
		return []string{fmt.Sprintf("%s님 확인번호는 %s입니다. 다른 사람에게 알려 주지 마세요.", d.Masked, d.Code)}
	},
	Offer:     koOffer,
	Confirmed: koConfirmed,
	Declined: func(d Data) []string {
		return each(d.Masked+"님 시간을 사양하셨습니다. 순번은 그대로입니다.", []string{" 하실 일은 없습니다. 다음 시간은 문자로 알려 드립니다.", " 하실 일은 없습니다."})
	},
	Cancelled: koCancelled,
	Withdrawn: func(d Data) []string {
		return each(d.Masked+"님 요청하신 대로 신청을 취소했습니다.", []string{" 다시 원하시면 새로 신청해 주세요." + koAsk(d), " 다시 원하시면 새로 신청해 주세요."})
	},
	NoTime: func(d Data) []string {
		return joined(d.Masked+"님 ", koReason(d), koNextSteps(d))
	},
	Lapsed: koLapsed,
	Missed: koMissed,
	Changed: func(d Data) []string {
		return koAnother(d, "원하신 대로 예약을 바꿨습니다", "예약 변경")
	},
	Moved: func(d Data) []string {
		return koAnother(d, with(koCause(d.ChangeCause), "죄송합니다. "+koCause(d.ChangeCause)+" ")+"예약을 옮겼습니다", with(d.ChangeCause, map[string]string{CauseSiteClosed: "장소 닫혀 ", CauseCapacity: "자리 줄어 "}[d.ChangeCause])+"옮김")
	},
	Redated: func(d Data) []string {
		return koAnother(d, "일정이 조정되어 예약을 옮겼습니다", "일정 조정")
	},
	SwapNoted: func(d Data) []string {
		return each(d.Masked+"님 다른 시간을 찾아 보겠습니다.", []string{" 그때까지 지금 예약은 그대로이고 하실 일은 없습니다.", " 지금 예약은 그대로입니다."})
	},
	SwapDropped: func(d Data) []string {
		return each(d.Masked+"님 시간을 바꾸지 않습니다.", []string{" 지금 예약은 그대로입니다. 그 시간에 오시면 됩니다.", " 지금 예약은 그대로입니다."})
	},
	Corrected: func(d Data) []string {
		return each(d.Masked+"님 정보를 고쳤습니다. 순번은 그대로이고 하실 일은 없습니다.", []string{with(d.Phone, " 고치신 적이 없으면 전화 "+d.Phone), ""})
	},
	Reminder: func(d Data) []string {
		head := d.Masked + "님 예약 알림 " + koWhen(d.Starts) + " " + d.Site + "."
		return []string{head + fmt.Sprintf(" 못 오시면 %d번 답장", d.First+1), head + fmt.Sprintf(" 못 오시면 %d", d.First+1)}
	},
	News: func(d Data) []string {
		return joined(d.Masked+"님 아직 기다리고 계십니다."+koPlace(d)+" ", koReason(d), koIdle(d), joined(d.Masked+"님 ", koReason(d), koNextSteps(d))...)
	},
	Correction: func(d Data) []string { return []string{with(d.Masked, d.Masked+"님 ") + d.Words} },
	Status:     koStatus,
	Why:        koWhyText,
	HelperSet: func(d Data) []string {
		return each(d.Masked+"님 안내 문자를 "+d.Helper+"도 함께 받습니다.", []string{with(d.Phone, " 정하신 적이 없으면 전화 "+d.Phone), ""})
	},
	HelperGone: func(d Data) []string {
		return each(d.Masked+"님 안내 문자는 이제 이 전화로만 보내 드립니다.", []string{" 하실 일은 없습니다."})
	},
	HelperNamed: func(d Data) []string {
		no := fmt.Sprintf(" 원치 않으시면 %d번으로 답장해 주세요.", d.First)
		return []string{
			d.Masked + "님이 안내 문자를 함께 받고 대신 답할 분으로 정하셨습니다." + no,
			d.Masked + "님의 안내 문자를 함께 받고 대신 답하실 수 있습니다." + no,
			d.Masked + "님 안내 문자를 함께 받으십니다." + no,
		}
	},
	HelperOver: func(d Data) []string {
		return each(d.Masked+"님 안내 문자는 이제 이 전화로 보내지 않습니다.", []string{" 하실 일은 없습니다."})
	},
	AskMissing: func(d Data) []string {
		ask, example := koMissing(d)
		return []string{ask + " 보내 주세요." + with(example, " 예) "+example), ask + " 보내 주세요."}
	},
	NotOpenYet: func(d Data) []string {
		return each("아직 신청 기간이 아닙니다. "+koWhen(d.At)+"부터 받습니다.", []string{" 그때 다시 보내 주세요. 지금은 하실 일이 없습니다.", " 그때 다시 보내 주세요."})
	},
	Closed: func(d Data) []string {
		return each("신청은 "+koWhen(d.At)+"에 끝났습니다.", []string{koAsk(d), ""})
	},
	NotEligible: func(d Data) []string {
		return each("보내신 생년월일은 이번 신청 대상이 아닙니다. 생년월일을 확인해 주세요.", []string{koAsk(d), ""})
	},
	ReceivedForOther: func(Data) []string {
		return []string{"받았습니다. 안내는 알려 주신 본인 전화로 보내 드립니다. 더 하실 일은 없습니다."}
	},
	TooMany: func(d Data) []string {
		return each("이 전화로는 더 신청하실 수 없습니다.", []string{with(d.Phone, " 다른 분은 전화로 도와 드립니다. "+d.Phone), ""})
	},
	NoEntry: func(d Data) []string {
		return each("이 전화로 받은 신청이 없습니다. ", []string{
			"신청하시려면 " + koExample(d) + "처럼 보내 주세요." + koAsk(d), "신청하시려면 " + koExample(d) + "처럼 보내 주세요.", "신청은 " + koExample(d),
		})
	},
	Help: func(d Data) []string {
		return each("신청: "+koExample(d)+"처럼 보내 주세요.", []string{" 조회: '조회'라고 보내 주세요." + koAsk(d), " 조회: '조회'." + koAsk(d), " 조회: '조회'", ""})
	},
	Noted: func(d Data) []string {
		return each(d.Masked+"님 알려 주셔서 감사합니다.", []string{" 담당자가 확인합니다. 취소된 것은 없으며 하실 일은 없습니다."})
	},
	UnknownNumber: func(d Data) []string {
		return each("보내신 번호에 맞는 질문이 없습니다. 받으신 문자의 번호를 확인해 주세요.", []string{koAsk(d), ""})
	},
	NotNow: func(d Data) []string {
		return each("지금은 그 답을 받을 수 없습니다. 바뀐 것은 없습니다. '조회'라고 보내 주세요.", []string{koAsk(d), ""})
	},
	Refused: func(d Data) []string {
		return each("알려 주셔서 감사합니다. 이 전화로 더 보내지 않고 담당자가 확인합니다.", []string{fmt.Sprintf(" 신청하셨으면 %d번 답장", d.First)})
	},
}

// joined puts every middle behind the beginning and every ending behind each of these: with one middle all endings are tried
// before the next, shorter middle. Further wordings come last.
func joined(beginning string, middles, endings []string, further ...string) []string {
	out := make([]string, 0, len(middles)*len(endings)+len(further))
	for _, m := range middles {
		out = append(out, each(beginning+m, endings)...)
	}
	return append(out, further...)
}

// replaced exchanges a part of every wording.
func replaced(wordings []string, old, by string) []string {
	out := make([]string, len(wordings))
	for i, w := range wordings {
		out[i] = strings.ReplaceAll(w, old, by)
	}
	return out
}

// each puts every ending behind the same beginning.
func each(beginning string, endings []string) []string {
	out := make([]string, len(endings))
	for i, e := range endings {
		out[i] = beginning + e
	}
	return out
}

func koRegistered(d Data) []string {
	// Not "if it is not you": whoever applied for a mother and gave the own phone is not her, and must not refuse by mistake.
	return []string{fmt.Sprintf("%s님 신청을 받았습니다. 본인이시면 %d번, 모르시는 신청이면 %d번으로 답장해 주세요.", d.Masked, d.First, d.First+1)}
}

func koConfirmed(d Data) []string {
	return each(d.Masked+"님 "+koWhen(d.Starts)+" "+d.Site+" ", []string{
		"예약이 확정되었습니다. 그 시간에 오시면 됩니다." + koAsk(d), "예약이 확정되었습니다. 그 시간에 오시면 됩니다.", "예약 확정. 그때 오시면 됩니다.",
	})
}

func koOffer(d Data) []string {
	head := d.Masked + "님 " + koWhen(d.Starts) + " " + d.Site
	a, b, c := d.First, d.First+1, d.First+2
	polite := fmt.Sprintf("오시면 %d, 못 오시면 %d, 이미 예약하셨으면 %d번 답장", a, b, c)
	return []string{
		head + ". 답이 없어도 유효합니다. " + polite,
		head + ". " + polite,
		fmt.Sprintf("%s. 확정 %d, 사양 %d, 이미 예약했으면 %d 답장", head, a, b, c),
		fmt.Sprintf("%s 확정%d 사양%d 이미예약%d 답장", head, a, b, c),
	}
}

func koCancelled(d Data) []string {
	head := d.Masked + "님 "
	if !d.Starts.IsZero() {
		head += koWhen(d.Starts) + " " + with(d.Site, d.Site+" ")
	}
	head += with(koCause(d.ChangeCause), koCause(d.ChangeCause)+" ")
	return each(head, []string{
		"예약이 취소되었습니다. 순번은 그대로이고 새 시간을 알려 드립니다." + koAsk(d),
		"예약이 취소되었습니다. 순번은 그대로입니다.",
		"예약이 취소됨. 순번은 그대로임.",
	})
}

func koLapsed(d Data) []string {
	when := ""
	if !d.Starts.IsZero() {
		when = koWhen(d.Starts) + " "
	}
	return []string{
		d.Masked + "님 답이 없어 " + when + "시간은 다른 분께 드립니다. 순번은 그대로이고 하실 일은 없습니다.",
		d.Masked + "님 " + when + "시간은 지나갔습니다. 순번은 그대로이고 하실 일은 없습니다.",
		d.Masked + "님 " + when + "시간은 지남. 순번은 그대로. 하실 일은 없습니다.",
	}
}

func koMissed(d Data) []string {
	when, again := "", ""
	if !d.Starts.IsZero() {
		when = koWhen(d.Starts) + " "
	}
	if d.NewTime {
		again = " 새 시간을 알려 드립니다."
	}
	return each(d.Masked+"님 "+when+"예약에 ", []string{
		"못 오신 것으로 되어 있습니다." + again + with(d.Phone, " 오셨으면 전화해 주세요. "+d.Phone), "못 오신 것으로 되어 있습니다." + again + koAsk(d),
		"못 오심." + again + koAsk(d), "못 오심." + again,
	})
}

// koAnother tells of an appointment that took another's place. Two times leave no room to say that no answer is needed.
func koAnother(d Data, what, short string) []string {
	was, now := koWhen(d.WasStarts), koWhen(d.Starts)
	return []string{
		d.Masked + "님 " + what + ". 전에는 " + was + with(d.WasSite, " "+d.WasSite) + ", 이제는 " + now + " " + d.Site + "입니다.",
		d.Masked + "님 " + what + ". 전 " + was + with(d.WasSite, " "+d.WasSite) + ", 새로 " + now + " " + d.Site,
		d.Masked + "님 " + short + ". 전 " + was + ", 새로 " + now + " " + d.Site,
		d.Masked + "님 " + short + " " + was + "에서 " + now + " " + d.Site,
	}
}

func koCause(cause string) string {
	switch cause {
	case CauseSiteClosed:
		return "장소가 닫혀"
	case CauseCapacity:
		return "자리가 줄어"
	}
	return ""
}

func koStatus(d Data) []string {
	name := d.Masked + "님 "
	switch d.State {
	case stateReceived:
		if d.First > 0 {
			return koRegistered(d)
		}
		return []string{name + "신청을 받았습니다. 보내 드리는 확인 문자에 답해 주세요."}
	case stateOffered:
		if d.First > 0 {
			return koOffer(d)
		}
		return each(name+koWhen(d.Starts)+" "+d.Site+" ", []string{
			"예약되어 있습니다. 답이 없어도 유효합니다." + koAsk(d), "예약되어 있습니다. 그 시간에 오시면 됩니다.", "예약됨. 그때 오시면 됩니다.",
		})
	case stateConfirmed:
		return koConfirmed(d)
	case stateAttended:
		return []string{name + "다녀가셨습니다. 하실 일은 없습니다."}
	case stateMissed:
		return []string{name + "예약 시간에 오지 않으셨습니다." + with(d.Phone, " 전화해 주세요. "+d.Phone)}
	case stateWithdrawn:
		return []string{name + "신청은 취소되어 있습니다. 다시 원하시면 새로 신청해 주세요."}
	default: // waiting
		if d.Reason != "" {
			return joined(name+"기다리고 계십니다."+koPlace(d)+" ", koReason(d), koIdle(d), joined(name, koReason(d), koNextSteps(d))...)
		}
		return each(name+"기다리고 계십니다."+koPlace(d), []string{
			" 하실 일은 없습니다. 시간이 정해지면 문자로 알려 드립니다." + koTicket(d), " 하실 일은 없습니다. 정해지면 알려 드립니다.", " 하실 일은 없습니다.",
		})
	}
}

// koMissing asks for what is missing, with an example of just that.
func koMissing(d Data) (ask, example string) {
	if len(d.Missing) == 1 && d.Missing[0] == MissingCentury {
		return "태어나신 해를 숫자 네 자리로", "1968"
	}
	words := map[string]string{
		MissingName: "이름", MissingBirth: "생년월일", MissingCentury: "태어난 해(네 자리)", MissingRegion: "사시는 곳",
		MissingNumber: "대상자 번호", MissingPhone: "본인 전화번호",
	}
	samples := map[string]string{MissingName: "홍길동", MissingBirth: "680412", MissingCentury: "1968", MissingRegion: d.Sample}
	names, example := missing(d.Missing, words, samples)
	object := "을"
	if last := names[len(names)-1]; strings.HasSuffix(last, "번호") || strings.HasSuffix(last, ")") {
		object = "를"
	}
	return strings.Join(names, ", ") + object, example
}

func koExample(d Data) string { return "'예약 680412 홍길동" + with(d.Sample, " "+d.Sample) + "'" }

func koAsk(d Data) string { return with(d.Phone, " 문의 "+d.Phone) }

func koPlace(d Data) string {
	switch {
	case d.Place == 0 && d.AfterDraw:
		return " 순번은 추첨으로 정합니다."
	case d.Place == 0:
		return ""
	}
	return " 순번 " + Grouped(d.Place) + "번."
}

func koTicket(d Data) string { return with(d.Ticket, " 접수번호 "+d.Ticket+".") }

// koWhen writes a day and time: 7월27일(화) 오후2:30. Noon is "낮12:00" and midnight "0시(자정)": "오후12:00" and "오전12:00" are read either way.
func koWhen(t time.Time) string {
	day := fmt.Sprintf("%d월%d일(%s) ", t.Month(), t.Day(), koWeekday(t))
	if t.Hour() == 0 && t.Minute() == 0 {
		return day + "0시(자정)"
	}
	half, hour := koHour(t)
	return day + fmt.Sprintf("%s%d:%02d", half, hour, t.Minute())
}

func koWeekday(t time.Time) string {
	return [...]string{"일", "월", "화", "수", "목", "금", "토"}[t.Weekday()]
}

// koHour is the part of the day and the hour in it, of which none can be mistaken for one twelve hours away.
func koHour(t time.Time) (half string, hour int) {
	switch h := t.Hour(); {
	case h == 0:
		return "새벽", 0
	case h < 12:
		return "오전", h
	case h == 12:
		return "낮", 12
	default:
		return "오후", h - 12
	}
}

// koNth writes an ordinal as it is spoken: 첫 번째, 두 번째 … 열 번째, 11번째.
func koNth(n int64) string {
	spoken := [...]string{"첫", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열"}
	if n >= 1 && n <= int64(len(spoken)) {
		return spoken[n-1] + " 번째"
	}
	return Grouped(n) + "번째"
}
