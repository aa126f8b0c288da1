package words

import (
	"fmt"

	"jari/booking"
)

// koWhyText answers "왜": why this time, or why none yet.
func koWhyText(d Data) []string {
	name := d.Masked + "님 "
	switch d.State {
	case stateOffered, stateConfirmed:
		return koWhyGiven(d, name)
	case stateAttended, stateMissed, stateWithdrawn:
		return koStatus(d)
	}
	const told = " 정해지면 알려 드립니다."
	switch {
	case d.State == stateReceived:
		d.Reason = booking.ReasonNotReady
		return joined(name, koReason(d), koNextSteps(d))
	case d.Place == 0 && d.AfterDraw:
		return each(name+"순번은 추첨으로 정합니다. 시간은 그다음에 정합니다.", []string{" 하실 일은 없습니다." + told, " 하실 일은 없습니다."})
	case d.Place == 0:
		return each(name+"순번을 매기고 있습니다. 시간은 그다음에 정합니다.", []string{" 하실 일은 없습니다." + told, " 하실 일은 없습니다."})
	case !d.FirstRound.IsZero():
		return each(name+koWhen(d.FirstRound)+"부터 순번대로 시간을 정합니다."+koPlace(d), []string{" 하실 일은 없습니다.", ""})
	case d.Again:
		return each(name+"바뀐 내용으로 곧 다시 자리를 찾습니다. 순번은 그대로입니다.", []string{" 하실 일은 없습니다." + told, " 하실 일은 없습니다.", ""})
	case d.Looked.IsZero() && d.Through > 0:
		return each(name+fmt.Sprintf("아직 차례가 되지 않았습니다. 지금 %s번까지 보았습니다.", Grouped(d.Through)), []string{koPlace(d) + " 하실 일은 없습니다.", koPlace(d), ""})
	case d.Looked.IsZero():
		return each(name+"아직 차례가 되지 않았습니다."+koPlace(d), []string{" 하실 일은 없습니다." + told, " 하실 일은 없습니다.", ""})
	}
	return joined(name+koWhen(d.Looked)+" 확인: ", koReasonThen(d), []string{" 순번은 그대로입니다.", ""}, joined(name, koReason(d), koNextSteps(d))...)
}

// koWhyGiven tells how the time came about. It was the soonest there when it was given; what has become free since is not in it.
func koWhyGiven(d Data, name string) []string {
	what := name + koWhen(d.Starts) + " " + d.Site + ". "
	switch d.Cause {
	case "swap":
		return []string{what + "바꾸고 싶다고 하셔서 옮긴 시간입니다.", what + "원하셔서 바꾼 시간입니다."}
	case "redated":
		return []string{what + "앞 예약에 맞추어 다시 정한 시간입니다.", what + "다시 정한 시간입니다."}
	case "":
	default:
		return []string{what + "먼저 드린 자리를 쓸 수 없어 옮긴 시간입니다.", what + "자리를 옮긴 시간입니다."}
	}
	soonest := []string{"그때 남은 자리 중 원하신 바에 가장 맞았습니다.", "남은 자리 중 가장 알맞았습니다."}
	switch {
	case d.Rank == 0: // nothing is on record
		soonest = []string{"정해 드린 시간입니다."}
	case d.Order == booking.OrderRanked:
		soonest = []string{
			koNth(int64(d.Rank)) + "로 고르신 곳의 가장 이른 시간이었습니다.", koNth(int64(d.Rank)) + "로 고르신 곳의 가장 이른 시간입니다.", fmt.Sprintf("%d순위 곳에서 가장 이른 시간이었습니다.", d.Rank),
			fmt.Sprintf("%d순위의 가장 이른 시간입니다.", d.Rank),
		}
	case d.Order == booking.OrderNearest && d.Rank == 1:
		soonest = []string{"가실 수 있는 가장 가까운 곳의 가장 이른 시간이었습니다.", "가장 가까운 곳의 가장 이른 시간이었습니다.", "가장 가깝고 이른 시간입니다."}
	case d.Order == booking.OrderNearest:
		soonest = []string{
			"자리가 남은 곳 중 가장 가까운 곳의 가장 이른 시간이었습니다.", "남은 곳 중 가장 가깝고 이른 시간입니다.", "남은 곳 중 가장 가깝습니다.",
		}
	}
	return append([]string{what + soonest[0] + koPlace(d)}, each(what, soonest)...)
}
