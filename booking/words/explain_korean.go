package words

import (
	"fmt"
	"time"

	"jari/booking"
)

var koreanPhrases = phrases{
	instant: func(at time.Time) string {
		half, hour := koHour(at)
		return fmt.Sprintf("%d년 %d월 %d일(%s) %s %d시 %d분 %d초", at.Year(), at.Month(), at.Day(), koWeekday(at), half, hour, at.Minute(), at.Second())
	},
	when:    koWhen,
	nth:     koNth,
	because: koReasonThen,

	place:      "순번은 %[1]s번입니다. %[2]s에 신청하셨습니다.",
	drawn:      "추첨으로 정해진 순번은 %[1]s번입니다. %[2]s에 신청하셨습니다.",
	unnumbered: "%[2]s에 신청하셨습니다. 아직 순번을 매기는 중이며, 지금 %[3]s번까지 정해졌습니다.",
	undrawn:    "%[2]s에 신청하셨습니다. 순번은 추첨으로 정합니다. 아직 정해지지 않았습니다.",
	late:       "뒤에 오신 분들보다 순번이 늦게 매겨졌습니다. %s. 시간은 처음 오신 시각의 차례대로 정해 드립니다.",
	lateLot:    "추첨에 함께하신 다른 분들보다 순번이 늦게 매겨졌습니다. %s. 시간은 추첨으로 정해진 차례대로 정해 드립니다.",
	stored:     "신청이 늦게 저장되었기 때문입니다",
	stamp:      "한꺼번에 몰려 바로 저장하지 못했고, 도착 증명으로 처음 오신 시각을 인정해 드렸기 때문입니다",
	journal:    "바로 저장하지 못해 저희 기록에 두었다가 나중에 옮겼기 때문입니다",
	closed:     "신청이 늦게 저장되었기 때문입니다",

	round:   "%[2]s의 %[1]s 배정에서",
	dose:    " %d차 예약의",
	page:    " (이 배정의 %s 묶음: 남은 자리 %s개, 살펴본 분 %s명, 시간을 정한 분 %s명)",
	decided: "%s에 확인했습니다. %s",
	found:   "%s 차례대로 살펴보았으나 시간을 정하지 못했습니다. %s",
	given:   "%s에 시간을 정해 드렸습니다. %s.",
	gave:    "%s 차례대로 살펴보고 시간을 정해 드렸습니다. %s.",
	away:    "(%skm)",

	swapped: " 다른 시간을 원하셔서 바꾸어 드린 것입니다.",
	redated: " 앞 예약에 맞추어 다시 정해 드린 것입니다.",
	moved:   " 먼저 드린 자리를 쓸 수 없게 되어 옮겨 드린 것입니다.",
	first:   " 첫 번째로 고르신 곳이며, 그곳에 남은 알맞은 자리 가운데 가장 이른 시간이었습니다.",
	ranked:  " 앞서 고르신 곳에는 알맞은 빈자리가 없었고, %s로 고르신 이곳에서 가장 이른 시간이었습니다.",
	nearest: " 가실 수 있는 가장 가까운 곳이며, 그곳에 남은 알맞은 자리 가운데 가장 이른 시간이었습니다.",
	next:    " 가까운 순서로 %s 곳입니다. 더 가까운 곳에는 알맞은 빈자리가 없었고, 이곳에서 가장 이른 시간이었습니다.",
	tried:   " 그때 살펴본 순서로 %s 곳이었습니다.",

	endings: map[booking.AppointmentState]string{
		booking.Declined:  "%[1]s에 %[2]s 시간을 사양하셨습니다. 순번은 그대로 두었습니다.",
		booking.Lapsed:    "%[1]s에 %[2]s 시간은 답이 없어 지나갔습니다. 순번은 그대로 두었습니다.",
		booking.Attended:  "%[2]s에 다녀가셨습니다.",
		booking.Missed:    "%[2]s 시간에 오지 않으셨습니다.",
		booking.Cancelled: "%[1]s에 %[3]s%[2]s 예약이 취소되었습니다.",
	},
	causes: map[string]string{
		"swap": "다른 시간으로 바꾸어 드리면서 ", "moved": "자리를 옮겨 드리면서 ", "site_closed": "그곳이 문을 닫게 되어 ",
		"capacity": "그곳의 자리가 줄어 ", "redated": "날짜를 다시 정하면서 ", "withdrawn": "신청을 취소하셔서 ",
	},
	withdrawn: "%s에 신청을 취소하셨습니다.",

	firstRound:   "아직 시간을 정하기 전입니다. 첫 배정은 %s에 시작합니다.",
	afterDraw:    "아직 시간을 정하기 전입니다. 추첨으로 순번을 정한 다음에 정합니다.",
	afterNumber:  "아직 시간을 정하기 전입니다. 순번이 매겨진 다음에 정합니다.",
	notYet:       "아직 차례가 되지 않았습니다.",
	looked:       "아직 차례가 되지 않았습니다. 지금 %s번까지 살펴보았습니다.",
	nextRound:    "다음 배정 때 살펴봅니다.",
	now:          "마지막으로 살펴본 결과입니다. %s",
	nothingSince: "그 뒤로 달라진 기록은 없습니다.",
	keeps:        " 순번은 그대로입니다.",
	keepsInTurn:  " 순번은 그대로이고, 자리가 나면 원하시는 분들께 차례대로 드립니다.",
	again:        "%s에 바뀐 내용이 있어 다음 배정 때 다시 살펴봅니다.",
	swapping:     "다른 시간을 원한다고 하셨습니다. 새 시간이 정해질 때까지 지금 예약은 그대로입니다.",
	members:      "모두 %d명이 함께 오시기로 하셨고, 지금까지 %d명이 신청하셨습니다. 모두 신청하고 확인하셔야 합니다.",
	unready:      "아직 전화번호가 확인되지 않았습니다. 보내 드린 확인 문자에 답해 주세요.",
	declined:     "지금까지 시간을 사양하신 것은 %d번이며, 모두 %d번까지 하실 수 있습니다.",
}
