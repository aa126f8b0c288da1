package pages

import (
	"jari/booking"
	"jari/mobile-contract/contract"
)

// koreanTexts are for somebody who has never used such a page. No particle hangs on a name or a number, because it would depend on how that
// is read aloud.
var koreanTexts = texts{
	Tongue: "한국어", Skip: "본문으로 바로 가기", TongueLabel: "언어 Language", Home: "처음 화면",

	LandingTitle: "자리(Jari) 예약 접수",
	LandingLead:  "이름을 한 번만 남기시면 순번이 정해집니다. 화면 앞에서 기다리실 필요가 없습니다. 시간이 정해지면 문자로 알려 드립니다.",
	Kinds: map[Kind]string{
		Real:      "실제로 신청을 받는 곳입니다.",
		Rehearsal: "예행연습을 하는 곳입니다. 여기에서 신청하셔도 실제로 예약되지 않습니다.",
		Demo:      "어떻게 움직이는지 보여 드리는 시연입니다. 사람도 전화번호도 모두 지어낸 것이고, 실제로 예약되는 것은 없습니다.",
		Sandbox:   "앱을 만드는 분들이 시험해 보시는 곳입니다. 사람도 전화번호도 모두 지어낸 것이고, 실제로 예약되는 것은 없습니다.",
	},
	Campaigns: "접수 안내", NoCampaign: "지금은 안내해 드릴 접수가 없습니다.", WhoWhen: "누가 언제 신청할 수 있나요",
	Modes: map[booking.Mode]string{booking.Live: "실제 접수", booking.Rehearsal: "예행연습"}, DemoMode: "시연",
	Open:   "지금 신청하실 수 있습니다.",
	Over:   "접수가 끝났습니다. 신청하신 분의 순번과 예약은 그대로입니다.",
	NotYet: "%s에 접수를 시작합니다.",

	CohortLater:      "%s부터 %s까지 받습니다.",
	CohortLaterDrawn: "%s부터 받습니다. %s 전에 신청하시면 모두 똑같이 추첨합니다.",
	CohortOpen:       "지금 받고 있습니다. %s까지입니다.",
	CohortOpenDrawn:  "지금 받고 있습니다. %s 전에 신청하시면 모두 똑같이 추첨합니다. 접수는 %s까지입니다.",
	CohortOver:       "%s에 끝났습니다.",
	CallOrText:       "전화나 문자로 신청하고 물어보실 곳", App: "앱으로 신청하기", AppAbout: "설치하지 않아도 됩니다. 지하철처럼 연결이 끊기는 곳에서도 신청하실 수 있습니다.",
	Board: "순번 현황 보기", Wall: "벽에 걸린 화면용, 10초마다 새로 고침",
	Phones: "모의 전화기", PhonesAbout: "지어낸 전화기마다 어떤 문자가 왔는지 보고, 아무 번호로나 문자를 보낼 수 있습니다.",
	SandboxTitle: "시험에 쓰는 것", SandboxAbout: "시계를 앞으로 돌릴 수 있고, 사람마다 늘 같은 일이 일어납니다.",
	SandboxPeople: "시험에 쓰는 사람들", SandboxClock: "시계",
	SandboxTexts: "어느 전화로 온 문자", SandboxFirst: "처음 만드는 앱: 저장소의 docs/first-app.md",
	Engineers: "만들고 운영하는 분께", Contract: "규약", OurTime: "서버 시각", Offline: "연결 없이 쓰기",
	Reference: "규약 문서", Health: "상태", Zone: "시각은 모두 %s 시각입니다.", Zones: map[string]string{"Asia/Seoul": "한국"},

	BoardTitle:     "순번 현황: %s",
	BoardRehearsal: "예행연습입니다. 실제 예약이 아닙니다.",
	BoardLead:      "누구나 보실 수 있는 현황입니다. 이름이나 전화번호는 나오지 않습니다.",
	AsOf:           "%s 현재", LookAgain: "지금 다시 보기", RefreshOn: "10초마다 저절로 새로 고치기", RefreshOff: "저절로 새로 고치지 않기",
	Refreshing: "이 화면은 10초마다 저절로 새로 고쳐집니다.",
	OneQueue:   "자세히 보고 내 앞에 몇 명인지 알아보기", AllQueues: "모든 현황 보기",
	Notice: "알림", NotCounted: "아직 세지 않았습니다. 잠시 후 다시 보아 주십시오.",
	Applied: "신청하신 분", AppliedAbout: "지금까지 신청하신 분입니다.", AppliedGuess: "아직 순번이 나오지 않은 분은 어림잡아 셉니다.",
	SealedTo: "나온 순번", SealedToAbout: "신청하신 차례대로 매깁니다. 한 번 나온 순번은 바뀌지 않습니다.",
	SealedDrawn: "추첨으로 정합니다. 한 번 나온 순번은 바뀌지 않습니다.",
	ServedTo:    "차례가 된 순번", ServedToAbout: "여기까지는 모두 시간을 받으셨거나, 취소하셨거나, 아직 전화번호를 확인하지 않으셨습니다.",
	Assured: "자리가 있는 순번", AssuredAbout: "지금 남은 자리로 보아, 여기까지 기다리시는 분은 자리가 있습니다. 원하시는 곳이나 시간이 아닐 수도 있습니다. 약속은 아니며 줄어들 수 있습니다.",
	Served: "시간을 받으신 분", ServedAbout: "예약 시간이 있는 분입니다.",
	Withdrawn: "취소하신 분", WithdrawnAbout: "신청을 거두신 분입니다. 뒤에 계신 분의 차례가 빨라집니다.",
	Late: "나중에 순번을 받으신 분", LateAbout: "연결이 끊기는 등으로 순번은 나중에 나왔지만, 먼저 오신 것이 확인되어 오신 차례대로 시간을 받으십니다.",
	People: [2]string{"%s명", "%s명"}, UpTo: "%s번까지", Nobody: "지금은 없음", Unknown: "아직 모름", None: "아직 없음",
	Pace: "빠르기", PaceBetween: "한 시간에 %s명에서 %s명이 시간을 받고 있습니다.", PaceSame: "한 시간에 %s명쯤 시간을 받고 있습니다.", PaceAbout: "지난 30분을 보고 말씀드리는 것이며 약속은 아닙니다.",
	Paces: map[contract.QueueRateState]string{
		contract.QueueRateStateNoRound:      "아직 시간을 정해 드리기 전입니다.",
		contract.QueueRateStateNoCapacity:   "지금은 남은 자리가 없습니다. 자리가 나면 순번대로 드립니다.",
		contract.QueueRateStateTooFewRounds: "아직 말씀드릴 만큼 시간을 정해 드리지 않았습니다.",
	},
	Next: "앞으로", OpensAt: "%s에 접수를 시작합니다.", WindowAt: "%s 전에 신청하시면 모두 똑같이 추첨합니다.", FirstRoundAt: "%s부터 시간을 정해 드립니다. 그 전에는 아무도 시간을 받지 않습니다.",
	RoundsGoOn: "자리가 나는 대로 순번에 따라 시간을 정해 드립니다.",
	DrawTitle:  "추첨을 직접 확인하려면", DrawEntries: "추첨 명단: %s",
	DrawCommitment: "미리 정해 둔 값의 지문 (SHA-256)", DrawDigest: "마감한 명단의 지문 (SHA-256)",
	DrawValueName: "추첨에 쓰는 공개된 값: %s", DrawValue: "그 값: %s",

	AskTitle: "내 앞에 몇 명이 있나요", AskLabel: "순번", AskHint: "앱이나 문자로 받으신 순번을 적어 주십시오. 예: 34120", AskButton: "알아보기",
	NumberUnreadable: "순번을 읽을 수 없습니다. 숫자로 적어 주십시오. 예: 34120",
	NumberNotOut:     "%s번은 아직 나오지 않은 순번입니다. 지금은 %s번까지 나왔습니다.",
	NoNumberOut:      "아직 순번이 나오지 않았습니다. 잠시 후 다시 보아 주십시오.",
	BeforeHeading:    "%s번 앞에는", NumberHeading: "%s번",
	BeforeNobody:     "기다리시는 분이 없습니다. 다음 차례입니다.",
	BeforeExactly:    [2]string{"%s명이 기다리십니다.", "%s명이 기다리십니다."},
	BeforeBetween:    "적게는 %s명, 많게는 %s명이 기다리십니다.",
	BeforeCaution:    "지금 기다리고 계신 분만 세었습니다. 앞에 계신 분이 취소하시거나 뒤늦게 전화번호를 확인하시면 달라집니다.",
	WaitUnknown:      "얼마나 기다리셔야 하는지는 아직 말씀드릴 수 없습니다.",
	WaitOpen:         "지금 빠르기라면 빨라도 %s 뒤이고, 얼마나 더 걸릴지는 말씀드릴 수 없습니다.",
	WaitBetween:      "지금 빠르기라면 %s에서 %s 뒤쯤 차례가 됩니다. 약속은 아닙니다.",
	WaitSoon:         "지금 빠르기라면 곧 차례가 됩니다. 약속은 아닙니다.",
	NumberAssured:    "지금 남은 자리로 보면 자리가 있습니다. 원하시는 곳이나 시간이 아닐 수도 있고, 약속은 아닙니다.",
	NumberNotAssured: "지금 남은 자리로는 모자랄 수도 있습니다. 순번은 그대로이고, 자리가 늘면 차례대로 드립니다.",
	NumberMayBeLate:  "먼저 오신 것이 확인되어 순번을 나중에 받으셨다면, 앞에 계신 분은 이보다 적습니다.",
	NumberServed:     "차례가 이미 되었습니다. 시간을 받지 못하셨다면 전화번호 확인이 남았을 수 있습니다.",
	AskBy:            "%s 번호로 전화하시거나 ‘조회’라고 문자를 보내 주십시오.",
	Days:             [2]string{"%s일", "%s일"}, Hours: [2]string{"%s시간", "%s시간"}, Minutes: [2]string{"%s분", "%s분"},
}
