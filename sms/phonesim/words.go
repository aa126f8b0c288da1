package phonesim

// words are what the pages say in one language.
type words struct {
	Lang, Title, Intro, Other, OtherLang, Live, Stale, Again, Often, Never                            string
	Phones, NoPhones, Number, Add, Wrong, Find, Filter, All, Unread, Trouble, Show, Older, Newer      string
	New, MarkRead, Pin, Unpin, Open, Wall, Messages, None, Text, To, Send, IsOff                      string
	Off, Full, Landline, Stop, Unknown, Filters, States                                               string
	Numbers, PerSecond, Unlimited, Segments, Over, Waits, Refuses, QueueMost, QueueFor, Carriers, Set string
	Waiting, Accepted, Left, Refused, Expired, Most, Chart                                            string
	Faults, F429, F503, Hang, Twice, Shuffled, HangFor, DelayMin, DelayMax                            string
	Queued, Sent, Delivered, Undelivered, Failed, HookWaits, HookTaken, HookLost, NotShown            string
	C30001, C30003, C30005, C30006, C30007, C30036                                                    string
}

func inKorean() words {
	return words{
		Lang: "ko", Title: "모의 전화기", Intro: "시험용 전화기입니다. 실제 전화로는 아무것도 가지 않습니다. 누구나 아무 번호로 문자를 보내고 읽을 수 있습니다.",
		Other: "English", OtherLang: "en", Live: "새 문자가 바로 나타납니다.", Stale: "연결이 끊겼습니다. 다시 잇는 중입니다.", Again: "새로 고침", Often: "5초마다 저절로 새로 고침", Never: "저절로 새로 고치지 않기",
		Phones: "전화기", NoPhones: "여기에 보일 전화기가 없습니다. 번호를 넣으면 그 전화기가 생깁니다.", Number: "전화번호", Add: "전화기 추가", Wrong: "전화번호가 아닙니다. 예: 010-0000-1234",
		Find: "번호로 찾기", Filter: "보일 전화기", All: "모두", Unread: "새 문자 있음", Trouble: "문자가 도착하지 못함", Show: "찾기", Older: "이전 전화기", Newer: "최근 전화기",
		New: "새 문자", MarkRead: "읽음으로 표시", Pin: "고정", Unpin: "고정 풀기", Open: "크게 보기", Wall: "모든 전화기", Messages: "문자", None: "아직 문자가 없습니다.",
		Text: "보낼 문자", To: "받는 번호", Send: "보내기", IsOff: "전원이 꺼져 있어 문자를 보낼 수 없습니다.",
		Off: "전원 꺼짐", Full: "저장 공간 없음", Landline: "집 전화", Stop: "수신 거부", Unknown: "없는 번호", Filters: "통신사가 차단", States: "전화기 상태",
		Numbers: "보내는 번호", PerSecond: "1초에 보내는 문자 (0: 제한 없음)", Unlimited: "제한 없음", Segments: "문자를 조각으로 셈", Over: "넘치는 문자", Waits: "기다림", Refuses: "거절 (429)",
		QueueMost: "기다릴 수 있는 문자 (0: 제한 없음)", QueueFor: "기다릴 수 있는 시간 (초)", Carriers: "통신사가 이 번호를 차단", Set: "바꾸기",
		Waiting: "기다림", Accepted: "받음", Left: "내보냄", Refused: "거절", Expired: "너무 오래 기다림", Most: "1초 최대", Chart: "최근 60초 동안 초마다 받은 문자와 거절한 문자",
		Faults: "고장 내기", F429: "거절 429 (%)", F503: "고장 503 (%)", Hang: "받고 대답 없음 (%)", Twice: "영수증 두 번 (%)", Shuffled: "영수증 순서 바뀜 (%)", HangFor: "대답 없는 시간 (ms)",
		DelayMin: "영수증 지연 최소 (ms)", DelayMax: "영수증 지연 최대 (ms)",
		Queued: "보낼 차례를 기다립니다", Sent: "통신사로 넘겼습니다", Delivered: "도착했습니다", Undelivered: "도착하지 못했습니다", Failed: "보내지 못했습니다",
		HookWaits: "서버로 가는 중입니다", HookTaken: "서버가 받았습니다", HookLost: "서버가 받지 못해 문자 목록에만 있습니다", NotShown: "이 전화기에는 보이지 않습니다",
		C30001: "줄에서 너무 오래 기다림", C30003: "전원이 꺼져 있거나 저장 공간이 없음", C30005: "없는 번호", C30006: "집 전화", C30007: "통신사가 차단함", C30036: "보낼 수 있는 시간이 지남",
	}
}

func inEnglish() words {
	return words{
		Lang: "en", Title: "Simulated phones", Intro: "Phones to try things with. Nothing goes to a real phone. Anybody may text from any number and read what came.",
		Other: "한국어", OtherLang: "ko", Live: "New texts appear at once.", Stale: "The connection is gone; it is being made again.", Again: "Refresh", Often: "Refresh every 5 seconds", Never: "Stop refreshing",
		Phones: "Phones", NoPhones: "No phone to show here. Enter a number to have its phone.", Number: "Phone number", Add: "Add a phone", Wrong: "This is not a whole phone number. Example: 010-0000-1234",
		Find: "Find a number", Filter: "Phones to show", All: "All", Unread: "With new texts", Trouble: "Texts did not arrive", Show: "Find", Older: "Older phones", Newer: "Newer phones",
		New: "New texts", MarkRead: "Mark as read", Pin: "Pin", Unpin: "Unpin", Open: "Open", Wall: "All phones", Messages: "Messages", None: "No messages yet.",
		Text: "Text", To: "To", Send: "Send", IsOff: "It is switched off and can send nothing.",
		Off: "Switched off", Full: "Inbox full", Landline: "Landline", Stop: "Opted out", Unknown: "Not in service", Filters: "Carrier filters", States: "State of the phone",
		Numbers: "Sending numbers", PerSecond: "Texts a second (0: no limit)", Unlimited: "no limit", Segments: "Count segments", Over: "More than that", Waits: "waits", Refuses: "is refused (429)",
		QueueMost: "Texts that may wait (0: no limit)", QueueFor: "How long one may wait (s)", Carriers: "Carriers filter this number", Set: "Change",
		Waiting: "waiting", Accepted: "accepted", Left: "passed on", Refused: "refused", Expired: "waited too long", Most: "most in a second", Chart: "Texts accepted and refused in each of the last 60 seconds",
		Faults: "Faults", F429: "Refused with 429 (%)", F503: "Broken with 503 (%)", Hang: "Accepted without an answer (%)", Twice: "Receipts twice (%)", Shuffled: "Receipts out of order (%)", HangFor: "Silence (ms)",
		DelayMin: "Least receipt delay (ms)", DelayMax: "Most receipt delay (ms)",
		Queued: "Waits for its turn", Sent: "Handed to the carrier", Delivered: "Delivered", Undelivered: "Not delivered", Failed: "Not sent",
		HookWaits: "On its way to the server", HookTaken: "The server has it", HookLost: "The server did not take it: it stands in the list only", NotShown: "This phone does not show it",
		C30001: "waited too long in the queue", C30003: "switched off or full", C30005: "not in service", C30006: "a landline", C30007: "filtered by the carrier", C30036: "its time was over",
	}
}

func wordsIn(lang string) words {
	if lang == "en" {
		return inEnglish()
	}
	return inKorean()
}

// fate says what the network knows of a message.
func (w words) fate(m message) string {
	if m.way == inbound {
		switch m.hook {
		case hookTaken:
			return w.HookTaken
		case hookLost:
			return w.HookLost
		}
		return w.HookWaits
	}
	switch m.status {
	case "queued":
		return w.Queued
	case "sent":
		return w.Sent
	case "delivered":
		return w.Delivered
	case "failed":
		return w.Failed
	}
	return w.Undelivered
}

// because says a failure's code in words.
func (w words) because(code int) string {
	switch code {
	case codeQueuedTooLong:
		return w.C30001
	case codeUnreachable:
		return w.C30003
	case codeUnknown:
		return w.C30005
	case codeLandline:
		return w.C30006
	case codeFiltered:
		return w.C30007
	case codeExpired:
		return w.C30036
	}
	return ""
}
