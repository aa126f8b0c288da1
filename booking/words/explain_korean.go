package words

import (
	"fmt"
	"time"

	"jari/booking"
)

// koTeller explains in Korean.
type koTeller struct{ c *booking.Campaign }

// instant writes an instant of our clock: 2021년 7월 19일(월) 오후 8시 0분 3초.
func (t koTeller) instant(at time.Time) string {
	at = at.In(t.c.Zone)
	half, hour := koHour(at)
	return fmt.Sprintf("%d년 %d월 %d일(%s) %s %d시 %d분 %d초", at.Year(), at.Month(), at.Day(), koWeekday(at), half, hour, at.Minute(), at.Second())
}

func (t koTeller) because(d Data) string {
	return replaced(replaced(koReason(d), "지금은 ", ""), "지금 ", "")[0] // it is told of an instant in the past
}

func (t koTeller) place(e booking.Explanation) string {
	if e.ByLot {
		return fmt.Sprintf("추첨으로 정해진 순번은 %s번입니다. %s에 신청하셨습니다.", grouped(e.Number), t.instant(e.Arrival))
	}
	return fmt.Sprintf("순번은 %s번입니다. %s에 신청하셨습니다.", grouped(e.Number), t.instant(e.Arrival))
}

func (t koTeller) unnumbered(e booking.Explanation) string {
	if e.AfterDraw() {
		return fmt.Sprintf("%s에 신청하셨습니다. 순번은 추첨으로 정합니다. 아직 정해지지 않았습니다.", t.instant(e.Arrival))
	}
	return fmt.Sprintf("%s에 신청하셨습니다. 아직 순번을 매기는 중이며, 지금 %s번까지 정해졌습니다.", t.instant(e.Arrival), grouped(e.SealedTo))
}

func (t koTeller) late(e booking.Explanation) string {
	why := "신청이 늦게 저장되었기 때문입니다"
	switch e.Late {
	case "stamp":
		why = "한꺼번에 몰려 바로 저장하지 못했고, 도착 증명으로 처음 오신 시각을 인정해 드렸기 때문입니다"
	case "journal":
		why = "바로 저장하지 못해 저희 기록에 두었다가 나중에 옮겼기 때문입니다"
	}
	if e.ByLot {
		return "추첨에 함께하신 다른 분들보다 순번이 늦게 매겨졌습니다. " + why + ". 시간은 추첨으로 정해진 차례대로 정해 드립니다."
	}
	return "뒤에 오신 분들보다 순번이 늦게 매겨졌습니다. " + why + ". 시간은 처음 오신 시각의 차례대로 정해 드립니다."
}

func (t koTeller) round(r booking.RoundRecord, dose int) string {
	s := fmt.Sprintf("%s의 %s 배정에서", t.instant(r.At), koNth(r.Number))
	if dose > 1 {
		s += fmt.Sprintf(" %d차 예약의", dose)
	}
	return s
}

func (t koTeller) page(r booking.RoundRecord) string {
	if r.Number == 0 {
		return ""
	}
	return fmt.Sprintf(" (이 배정의 %s 묶음: 남은 자리 %s개, 살펴본 분 %s명, 시간을 정한 분 %s명)",
		koNth(int64(r.Page)+1), grouped(r.Free), grouped(int64(r.Looked)), grouped(int64(r.Assigned)))
}

func (t koTeller) denied(d booking.Denied, why string) string {
	if d.Round.Number == 0 {
		return t.instant(d.At) + "에 확인했습니다. " + why
	}
	return t.round(d.Round, d.Dose) + " 차례대로 살펴보았으나 시간을 정하지 못했습니다. " + why + t.page(d.Round)
}

func (t koTeller) given(e booking.Explanation, g booking.Given) string {
	what := nameOf(g, booking.Korean)
	if g.Distance >= 0 {
		what += fmt.Sprintf("(%skm)", kilometres(g.Distance))
	}
	what += ", " + koWhen(g.Starts.In(t.c.Zone))
	if g.Round.Number == 0 {
		return t.instant(g.Made) + "에 시간을 정해 드렸습니다. " + what + "." + t.why(e, g)
	}
	return t.round(g.Round, g.Dose) + " 차례대로 살펴보고 시간을 정해 드렸습니다. " + what + "." + t.why(e, g) + t.page(g.Round)
}

func (t koTeller) why(e booking.Explanation, g booking.Given) string {
	if g.State.Holds() { // of one that has ended, the cause is that of its end
		switch g.Cause {
		case "":
		case "swap":
			return " 다른 시간을 원하셔서 바꾸어 드린 것입니다."
		case "redated":
			return " 앞 예약에 맞추어 다시 정해 드린 것입니다."
		default:
			return " 먼저 드린 자리를 쓸 수 없게 되어 옮겨 드린 것입니다."
		}
	}
	switch e.OrderOf(g) {
	case booking.OrderRanked:
		if g.Rank == 1 {
			return " 첫 번째로 고르신 곳이며, 그곳에 남은 알맞은 자리 가운데 가장 이른 시간이었습니다."
		}
		return fmt.Sprintf(" 앞서 고르신 곳에는 알맞은 빈자리가 없었고, %s로 고르신 이곳에서 가장 이른 시간이었습니다.", koNth(int64(g.Rank)))
	case booking.OrderNearest:
		if g.Rank == 1 {
			return " 가실 수 있는 가장 가까운 곳이며, 그곳에 남은 알맞은 자리 가운데 가장 이른 시간이었습니다."
		}
		return fmt.Sprintf(" 가까운 순서로 %s 곳입니다. 더 가까운 곳에는 알맞은 빈자리가 없었고, 이곳에서 가장 이른 시간이었습니다.", koNth(int64(g.Rank)))
	}
	if g.Rank > 0 && g.Dose == 1 { // a later dose may keep to the first one's place
		return fmt.Sprintf(" 그때 살펴본 순서로 %s 곳이었습니다.", koNth(int64(g.Rank)))
	}
	return ""
}

func (t koTeller) ended(g booking.Given) string {
	at, what := t.instant(g.Ended), koWhen(g.Starts.In(t.c.Zone))
	switch g.State {
	case booking.Declined:
		return at + "에 " + what + " 시간을 사양하셨습니다. 순번은 그대로 두었습니다."
	case booking.Lapsed:
		return at + "에 " + what + " 시간은 답이 없어 지나갔습니다. 순번은 그대로 두었습니다."
	case booking.Attended:
		return what + "에 다녀가셨습니다."
	case booking.Missed:
		return what + " 시간에 오지 않으셨습니다."
	}
	cause := map[string]string{
		"swap": "다른 시간으로 바꾸어 드리면서 ", "moved": "자리를 옮겨 드리면서 ", "site_closed": "그곳이 문을 닫게 되어 ",
		"capacity": "그곳의 자리가 줄어 ", "redated": "날짜를 다시 정하면서 ", "withdrawn": "신청을 취소하셔서 ",
	}[g.Cause]
	return at + "에 " + cause + what + " 예약이 취소되었습니다."
}

func (t koTeller) withdrawn(at time.Time) string {
	return t.instant(at) + "에 신청을 취소하셨습니다."
}

func (t koTeller) notReached(e booking.Explanation) string {
	switch {
	case e.Read.Before(e.First):
		return "아직 시간을 정하기 전입니다. 첫 배정은 " + t.instant(e.First) + "에 시작합니다."
	case e.AfterDraw():
		return "아직 시간을 정하기 전입니다. 추첨으로 순번을 정한 다음에 정합니다."
	case e.Number == 0:
		return "아직 시간을 정하기 전입니다. 순번이 매겨진 다음에 정합니다."
	case e.WalkedTo == 0:
		return "아직 차례가 되지 않았습니다."
	case e.Late == "" && e.Number > e.WalkedTo:
		return "아직 차례가 되지 않았습니다. 지금 " + grouped(e.WalkedTo) + "번까지 살펴보았습니다."
	}
	return "다음 배정 때 살펴봅니다."
}

func (t koTeller) now(w booking.StillWait, why string) string {
	return "마지막으로 살펴본 결과입니다. " + why + t.keeps(w)
}

func (t koTeller) nothingSince(w booking.StillWait) string {
	return "그 뒤로 달라진 기록은 없습니다." + t.keeps(w)
}

func (t koTeller) keeps(w booking.StillWait) string {
	if w.Reason.Matched() {
		return " 순번은 그대로이고, 자리가 나면 원하시는 분들께 차례대로 드립니다."
	}
	return " 순번은 그대로입니다."
}

func (t koTeller) again(w booking.StillWait) string {
	return t.instant(w.Since) + "에 바뀐 내용이 있어 다음 배정 때 다시 살펴봅니다."
}

func (t koTeller) swapping() string {
	return "다른 시간을 원한다고 하셨습니다. 새 시간이 정해질 때까지 지금 예약은 그대로입니다."
}

func (t koTeller) members(joined, size int) string {
	return fmt.Sprintf("모두 %d명이 함께 오시기로 하셨고, 지금까지 %d명이 신청하셨습니다. 모두 신청하고 확인하셔야 합니다.", size, joined)
}

func (t koTeller) unready() string {
	return "아직 전화번호가 확인되지 않았습니다. 보내 드린 확인 문자에 답해 주세요."
}

func (t koTeller) declined(n, limit int) string {
	return fmt.Sprintf("지금까지 시간을 사양하신 것은 %d번이며, 모두 %d번까지 하실 수 있습니다.", n, limit)
}
