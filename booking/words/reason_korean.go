package words

import (
	"fmt"

	"jari/booking"
)

// koReason says why there is nothing, as a whole sentence: the fullest wording first.
func koReason(d Data) []string {
	switch d.Reason {
	case booking.ReasonNoSlots:
		return []string{"지금은 빈자리가 없습니다."}
	case booking.ReasonSupply:
		return []string{"준비된 수량이 모두 나갔습니다."}
	case booking.ReasonReserved:
		return []string{"지금 남은 자리는 다른 대상자분들 몫입니다.", "남은 자리는 다른 대상자분들 몫입니다."}
	case booking.ReasonNotice:
		return []string{"남은 자리는 시간이 너무 촉박합니다."}
	case booking.ReasonNeeds:
		return []string{"필요하신 도움을 드릴 수 있는 곳에 빈자리가 없습니다.", "필요하신 도움이 있는 곳에 빈자리가 없습니다."}
	case booking.ReasonSites:
		return koSites(d)
	case booking.ReasonDistance:
		return []string{"원하시는 거리 안에는 빈자리가 없습니다."}
	case booking.ReasonHousehold:
		return []string{"함께 오실 만큼 남은 자리가 없습니다."}
	case booking.ReasonWishes:
		return []string{"원하시는 날과 시간에는 빈자리가 없습니다."}
	case booking.ReasonNotReady:
		return []string{"보내 드린 확인 문자에 답해 주셔야 시간을 정할 수 있습니다."}
	case booking.ReasonIncomplete:
		return []string{"함께 오실 분이 모두 신청하고 확인하셔야 시간이 정해집니다.", "함께 오실 분이 모두 신청하셔야 정해집니다."}
	case booking.ReasonDeclines:
		return []string{"여러 번 사양하셔서 다음 시간은 담당자와 정하셔야 합니다.", "다음 시간은 담당자와 정하셔야 합니다."}
	case booking.ReasonHeld:
		return []string{"담당자가 신청 내용을 확인하고 있습니다."}
	}
	return []string{"아직 시간을 못 정했습니다."}
}

// koReasonThen says it of an instant in the past that is named.
func koReasonThen(d Data) []string {
	return replaced(replaced(koReason(d), "지금은 ", ""), "지금 ", "")
}

func koSites(d Data) []string {
	sites := "고르신 곳에는"
	if d.Sites > 0 {
		sites = fmt.Sprintf("고르신 %d곳에는", d.Sites)
	}
	until := ""
	if !d.LastDay.IsZero() {
		until = fmt.Sprintf(" %d월%d일까지", d.LastDay.Month, d.LastDay.Day)
	}
	return []string{sites + until + " 빈자리가 없습니다."}
}

// koNextSteps says what happens now, for the reason: the fullest wording first.
func koNextSteps(d Data) []string {
	const keep = " 순번은 그대로입니다."
	const told = " 순번은 그대로이고 자리가 나면 알려 드립니다."
	switch d.Reason {
	case booking.ReasonSites, booking.ReasonDistance, booking.ReasonNeeds, booking.ReasonWishes:
		if d.Phone != "" {
			return []string{keep + " 조건을 넓히시려면 전화 " + d.Phone, keep + " 변경은 전화 " + d.Phone, told, keep}
		}
	case booking.ReasonNotReady:
		return []string{keep, ""}
	case booking.ReasonIncomplete:
		return []string{keep + " 정해지면 알려 드립니다.", keep, ""}
	case booking.ReasonDeclines:
		return []string{keep + with(d.Phone, " 전화 "+d.Phone), keep, ""}
	case booking.ReasonHeld, "":
		return []string{" 순번은 그대로이고 하실 일은 없습니다. 정해지면 알려 드립니다.", " 순번은 그대로이고 하실 일은 없습니다.", keep}
	}
	return []string{told + " 하실 일은 없습니다.", told, keep}
}

// koIdle says that there is nothing to do, where that is so.
func koIdle(d Data) []string {
	switch d.Reason {
	case booking.ReasonNotReady, booking.ReasonIncomplete, booking.ReasonDeclines:
		return []string{""}
	}
	return []string{" 하실 일은 없습니다.", ""}
}
