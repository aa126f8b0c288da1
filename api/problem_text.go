package api

import (
	"fmt"
	"strings"
	"time"

	"jari/booking"
	"jari/booking/words"
	"jari/mobile-contract/contract"
)

// codeStamped has the words of a refusal for overload that comes with an arrival stamp. It never leaves as a code.
const codeStamped booking.Code = "stamped"

// text is what a person reads about a problem. detail may hold one %s for an instant.
type text struct{ title, detail string }

// problemText finds the words for a refusal.
func problemText(lang booking.Lang, r refusal) (title, detail string) {
	texts, fields := englishTexts, englishFields
	if lang == booking.Korean {
		texts, fields = koreanTexts, koreanFields
	}
	t := texts[r.code]
	if r.stamp != "" {
		t = texts[codeStamped]
	}
	if r.code == booking.CodeInvalid && r.reason == contract.FieldReasonValue {
		if d, ok := fields[fieldGroup(r.field)]; ok {
			return t.title, d
		}
	}
	if strings.Contains(t.detail, "%s") {
		at, err := time.Parse(time.RFC3339, r.at)
		if err != nil {
			return t.title, t.title
		}
		return t.title, fmt.Sprintf(t.detail, words.Instant(lang, at))
	}
	return t.title, t.detail
}

// fieldGroup maps a pointer to the one that has words: into the wishes to the wish as a whole, or to all wishes.
func fieldGroup(field string) string {
	rest, ok := strings.CutPrefix(field, "/wishes/")
	if !ok {
		return field
	}
	wish, _, _ := strings.Cut(rest, "/")
	if _, ok := koreanFields["/wishes/"+wish]; ok {
		return "/wishes/" + wish
	}
	return "/wishes"
}

var koreanTexts = map[booking.Code]text{
	booking.CodeInvalid: {
		"적어 주신 내용을 다시 확인해 주십시오", "빠졌거나 읽을 수 없는 항목이 있어 접수하지 못했습니다. 확인하신 뒤 다시 보내 주십시오.",
	},
	booking.CodeUnauthorized: {
		"확인할 수 없는 요청입니다", "이 기기로 신청하신 내용을 찾을 수 없습니다. 신청하셨던 기기에서 다시 확인해 주십시오. 이미 접수된 순서는 바뀌지 않습니다.",
	},
	codeSecretMalformed: {
		"확인할 수 없는 요청입니다", "앱을 최신으로 바꾸신 뒤 다시 시도해 주십시오.",
	},
	codeAgentUnauthorized: {
		"담당자 인증을 확인할 수 없습니다", "발급받으신 담당자 인증키를 다시 확인해 주십시오.",
	},
	booking.CodeVerifyFirst: {
		"먼저 전화번호를 확인해 주십시오", "신청서에 적힌 전화번호로 보내 드리는 확인번호를 입력하시면 계속하실 수 있습니다. 순서는 그대로입니다.",
	},
	booking.CodeNotOpenYet: {
		"아직 접수 시작 전입니다", "접수는 %s에 시작합니다. 그때 다시 신청해 주십시오. 미리 신청하셔도 순서가 빨라지지 않습니다.",
	},
	booking.CodeClosed: {
		"접수가 끝났습니다", "접수는 %s에 끝났습니다. 궁금하신 점은 안내 전화로 문의해 주십시오.",
	},
	booking.CodeNotEligible: {
		"이번 접수 대상이 아닙니다", "적어 주신 생년월일은 이번 접수 대상에 들어 있지 않습니다. 생년월일이 맞는지 확인해 주시고, 맞는데도 이 안내가 나오면 안내 전화로 문의해 주십시오.",
	},
	booking.CodeNoCampaign: {
		"찾으시는 접수가 없습니다", "주소를 다시 확인해 주십시오.",
	},
	booking.CodeNoQueue: {
		"찾으시는 대기 현황이 없습니다", "주소를 다시 확인해 주십시오.",
	},
	codeNoTicket: {
		"이 접수번호로 된 신청이 없습니다", "접수번호를 다시 확인해 주십시오. 다른 접수의 번호일 수 있습니다.",
	},
	codeNotFound: {
		"찾으시는 화면이 없습니다", "주소를 다시 확인해 주십시오.",
	},
	codeMethodNotAllowed: {
		"이 주소에서는 할 수 없는 요청입니다", "앱을 최신으로 바꾸신 뒤 다시 시도해 주십시오.",
	},
	booking.CodeConflict: {
		"지금은 처리할 수 없는 요청입니다", "그사이 신청 상태가 바뀌었습니다. 현재 상태를 다시 확인해 주십시오. 이 요청으로 바뀐 내용은 없습니다.",
	},
	codeTooLarge: {
		"보내신 내용이 너무 깁니다", "내용을 줄여 다시 보내 주십시오.",
	},
	codeUnsupportedMedia: {
		"읽을 수 없는 형식입니다", "앱을 최신으로 바꾸신 뒤 다시 시도해 주십시오.",
	},
	booking.CodeReused: {
		"이미 쓰인 요청 번호입니다", "같은 번호로 다른 내용이 이미 접수되었습니다. 새 요청으로 다시 보내 주십시오.",
	},
	booking.CodeWrongCode: {
		"확인번호가 맞지 않습니다", "번호가 틀렸거나 사용할 수 있는 시간이 지났습니다. 문자로 받으신 번호를 다시 확인하시거나 새 번호를 요청해 주십시오. 순서는 그대로입니다.",
	},
	booking.CodeTooMany: {
		"요청이 너무 많습니다", "잠시 후 다시 시도해 주십시오. 이미 접수된 순서는 바뀌지 않습니다.",
	},
	codeInternal: {
		"저희 쪽에 문제가 생겼습니다", "불편을 드려 죄송합니다. 같은 요청을 잠시 후 다시 보내 주십시오. 여러 번 보내셔도 한 번만 처리됩니다.",
	},
	booking.CodeOverloaded: {
		"지금 신청이 한꺼번에 몰리고 있습니다", "이번 요청이 접수되었는지 확인하지 못했습니다. 잠시 후 같은 요청을 다시 보내 주십시오. 여러 번 보내셔도 한 번만 처리됩니다.",
	},
	codeStamped: {
		"지금 신청이 한꺼번에 몰리고 있습니다", "도착하신 시각을 적어 두었습니다. 잠시 후 같은 요청을 다시 보내 주시면 지금 오신 순서대로 접수됩니다. 여러 번 보내셔도 한 번만 처리됩니다.",
	},
	booking.CodeLiveCampaign: {
		"실제 접수에서는 볼 수 없습니다", "이 화면은 예행연습에서만 볼 수 있습니다.",
	},
}

var koreanFields = map[string]string{
	"/operation_id":        "요청 번호가 올바르지 않습니다. 앱을 최신으로 바꾸신 뒤 다시 시도해 주십시오.",
	"/person":              "신청하실 분의 이름, 생년월일, 전화번호를 모두 적어 주십시오.",
	"/person/name":         "이름을 다시 확인해 주십시오. 신분증에 적힌 대로 한글이나 영문으로 적어 주십시오.",
	"/person/birth_date":   "생년월일을 다시 확인해 주십시오. 예: 1968년 4월 12일은 1968-04-12",
	"/person/phone":        "전화번호를 다시 확인해 주십시오. 이 접수에서 연락드릴 수 있는 번호를 빠짐없이 적어 주십시오.",
	"/person/number":       "번호를 다시 확인해 주십시오. 안내문에 적힌 대로 적어 주십시오.",
	"/region":              "사시는 지역을 목록에서 다시 골라 주십시오.",
	"/wishes":              "원하시는 장소와 날짜를 다시 골라 주십시오. 장소는 다섯 곳까지 고르실 수 있습니다.",
	"/wishes/max_km":       "원하시는 거리를 다시 확인해 주십시오. 1에서 500킬로미터까지 적으실 수 있고, 장소를 직접 고르셨으면 거리는 비워 두십시오.",
	"/wishes/not_after":    "마지막 날짜를 다시 확인해 주십시오. 달력에 있는 날이어야 하고, 첫 날짜보다 앞설 수 없습니다.",
	"/wishes/weekdays":     "원하시는 요일을 다시 골라 주십시오. 고르신 날짜 사이에 그 요일이 있어야 합니다.",
	"/wishes/times":        "원하시는 시간을 다시 확인해 주십시오. 네 가지까지 고르실 수 있고, 끝나는 시각은 시작하는 시각보다 뒤여야 합니다. 예: 09:00부터 12:00",
	"/wishes/needs":        "필요하신 도움을 목록에서 다시 골라 주십시오. 고르신 장소 가운데 한 곳 이상이 모두 갖추고 있어야 합니다.",
	"/wishes/notice_hours": "며칠 전에 알려 드려야 하는지 다시 확인해 주십시오. 720시간(30일)까지 적으실 수 있습니다.",
	"/wishes/household":    "함께 오실 분들의 인원은 두 명에서 네 명까지이고, 함께 쓰실 번호는 영문자와 숫자로 여섯 자 이상이어야 합니다.",
	"/ticket":              "접수번호 열 자리를 다시 확인해 주십시오. 숫자 하나가 잘못되었거나 빠졌습니다.",
	"/lang":                "안내받으실 언어를 다시 골라 주십시오.",
	"/code":                "문자로 받으신 확인번호 여섯 자리를 적어 주십시오.",
	"/caller_checked":      "신청하시는 분이 본인인지 확인하신 뒤 표시해 주십시오.",
}

var englishTexts = map[booking.Code]text{
	booking.CodeInvalid: {
		"Please check what you entered", "Something is missing or cannot be read, so nothing was stored. Please check it and send it again.",
	},
	booking.CodeUnauthorized: {
		"We cannot confirm this request", "We find nothing that was entered with this device. Please use the device you applied with. Places already given do not change.",
	},
	codeSecretMalformed: {
		"We cannot confirm this request", "Please update the app and try again. (Authorization: Bearer, 32 to 128 characters of base64url.)",
	},
	codeAgentUnauthorized: {
		"We do not know this agent", "Please check the token that you were given.",
	},
	booking.CodeVerifyFirst: {
		"Please confirm the phone number first", "Enter the code that we text to the phone number on the application, then go on. The place stays as it is.",
	},
	booking.CodeNotOpenYet: {
		"Applications are not open yet", "They open at %s. Please apply then. Applying early does not give an earlier place.",
	},
	booking.CodeClosed: {
		"Applications are closed", "They closed at %s. If you have a question, please call the information number.",
	},
	booking.CodeNotEligible: {
		"This birth date is not among those who can apply now", "Please check the birth date. If it is right and you think you should be able to apply, please call the information number.",
	},
	booking.CodeNoCampaign: {"There is no such campaign", "Please check the address."},
	booking.CodeNoQueue:    {"There is no such queue", "Please check the address."},
	codeNoTicket:           {"There is no application with this ticket", "Please check the number. It may belong to another campaign."},
	codeNotFound:           {"There is nothing at this address", "Please check the address."},
	codeMethodNotAllowed:   {"This cannot be done at this address", "Please update the app and try again."},
	booking.CodeConflict: {
		"This cannot be done now", "The application has changed in the meantime. Please look at how it stands. This request has changed nothing.",
	},
	codeTooLarge:         {"This is too long", "Please shorten it and send it again."},
	codeUnsupportedMedia: {"We cannot read this format", "Please update the app and try again. (We read application/json in UTF-8.)"},
	booking.CodeReused: {
		"This operation id was used before", "Something else was received under the same id. Please send this as a new operation.",
	},
	booking.CodeWrongCode: {
		"The code is not right", "It is wrong or has expired. Please check the text message or ask for a new code. The place stays as it is.",
	},
	booking.CodeTooMany: {
		"Too many requests", "Please try again later. Places already given do not change.",
	},
	codeInternal: {
		"Something went wrong on our side", "We are sorry. Please send the same request again in a moment. Sent several times, it is done only once.",
	},
	codeStamped: {
		"Too many people are applying just now", "We have noted when you came. Please send the same request again in a moment, and you keep this arrival. Sent several times, it is done only once.",
	},
	booking.CodeLiveCampaign: {"This is only for rehearsals", "A live campaign does not show its order in this way."},
	booking.CodeOverloaded: {
		"Too many people are applying just now", "We cannot say that this request was stored. Please send the same request again in a moment. Sent several times, it is done only once.",
	},
}

var englishFields = map[string]string{
	"/operation_id":        "The operation id is not a UUID. Please update the app and try again.",
	"/person":              "Please give the name, birth date and phone number of the person.",
	"/person/name":         "Please check the name. Write it as on the person's documents.",
	"/person/birth_date":   "Please check the birth date. Example: 1968-04-12",
	"/person/phone":        "Please check the phone number. It must be complete and one that this campaign can reach.",
	"/person/number":       "Please check the number. Write it as in the letter you received.",
	"/region":              "Please choose the region from the list again.",
	"/wishes":              "Please choose the places and days again. You can choose up to five places.",
	"/wishes/max_km":       "Please check the distance. It is 1 to 500 kilometres, and it is left out where you choose the places yourself.",
	"/wishes/not_after":    "Please check the last day. It must be in the calendar and cannot come before the first one.",
	"/wishes/weekdays":     "Please choose the days of the week again. At least one must lie between the days you chose.",
	"/wishes/times":        "Please check the times. You can choose up to four, and each ends after it begins. Example: 09:00 to 12:00",
	"/wishes/needs":        "Please choose what you need from the list again. At least one of the places you chose must have all of it.",
	"/wishes/notice_hours": "Please check how long before you need to know. It is up to 720 hours (30 days).",
	"/wishes/household":    "Two to four people can come together. The code you share has at least six letters and digits.",
	"/ticket":              "Please check the ten digits of the ticket. One of them is wrong or missing.",
	"/lang":                "Please choose the language again.",
	"/code":                "Please enter the six digits of the code that we texted.",
	"/caller_checked":      "Please check who the person is, and say so, before you apply for them.",
}
