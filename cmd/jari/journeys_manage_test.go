//go:build journeys

package main

import "jari/booking/words"

func wishes() journey {
	return journey{
		title: said{"원하는 시간, 그리고 다른 시간", "What suits me, and another time"},
		why: said{
			"편한 날과 시간, 장소를 말씀하시면 다시 읽어 드리고, 맞다고 하실 때에만 바꿉니다. 이미 시간이 있는 분은 새 시간이 정해질 때까지 그 시간을 가집니다.",
			"Somebody says what suits them. We read it back, and nothing changes before they say that it is right. Who has a time keeps it until there is a new one.",
		},
		acts: []act{
			texts("예약 620904 정미경 강남구", "BOOK 1962-09-04 Mary King Gangnam", words.Registered),
			texts("토요일 오전이 좋아요", "Saturday mornings please", words.WishRead).
				korean("희망 토요일 오전", "토요일 오전으로 부탁드려요").
				english("I would prefer Saturday mornings", "Saturday morning"),
			texts("3", "3", words.Corrected).
				korean("3번", "3번 맞습니다").
				english("reply 3", "yes 3"),
			comes(words.Offer),
			texts("평일 오후로 바꿔 주세요", "change it to weekday afternoons", words.SwapRead).
				korean("평일 오후로 변경 부탁드립니다", "다른 날 평일 오후").
				english("another time: weekday afternoons", "can I move it to weekday afternoons"),
			texts("7", "7", words.SwapNoted),
			comes(words.Changed),
		},
	}
}

func corrected() journey {
	return journey{
		title: said{"이름이 틀렸을 때, 그리고 문자를 그만 받고 싶을 때", "A wrong name, and no more texts"},
		why: said{
			"잘못 적은 이름은 언제든 고칠 수 있고, 순번은 그대로입니다. STOP을 보내면 문자만 그치고 신청은 그대로입니다.",
			"A name was mistyped; it can be put right at any time and the place stays. STOP stops the texts and nothing else: place and appointment stay.",
		},
		acts: []act{
			texts("예약 630118 홍길둥 마포구", "BOOK 1963-01-18 Jon Snow Mapo", words.Registered),
			texts("이름이 홍길둥이 아니라 홍길동이에요", "my name is wrong, it should be John Snow", words.CorrectRead).
				korean("정정 이름 홍길동", "이름을 홍길동으로 고쳐주세요").
				english("change my name to John Snow", "correct name: John Snow"),
			texts("3", "3", words.Corrected),
			comes(words.Offer),
			texts("STOP", "STOP", fromProvider),
			elsewhere("이 전화로는 더 보내지 않습니다. 꼭 아셔야 할 일은 전화로 말씀드립니다.", "No more texts go to this phone. What the person must know is told by call.",
				`SELECT count(*) FROM opt_out WHERE stopped_at IS NOT NULL`),
		},
	}
}

func notMe() journey {
	return journey{
		title: said{"신청한 적이 없는데 문자가 왔을 때", "A text about an application that I did not make"},
		why: said{
			"누군가 전화번호를 잘못 적었습니다. 신청을 없애지 않고, 이 전화로는 더 보내지 않으며, 담당자가 확인합니다.",
			"Somebody gave a wrong number, and a stranger gets the text. The application is not deleted; this phone gets no more texts about it, and staff look at it.",
		},
		me: "caller",
		acts: []act{
			texts("예약 640822 임영자 마포구 {stranger}", "BOOK 1964-08-22 Jane Hall Mapo {stranger}", words.ReceivedForOther),
			comes(words.Registered).by("stranger"),
			texts("2", "2", words.Refused).by("stranger").
				korean("2번", "2번 모르는 신청입니다", "신청한 적 없어요", "9").
				english("reply 2", "2 I did not apply", "wrong number", "9"),
			elsewhere("상담원 목록에 이 전화로 할 전화가 올라옵니다.", "A call to this phone stands on the agents' list.",
				`SELECT count(*) FROM callback WHERE 'not_me' = ANY (reasons) AND closed_at IS NULL`),
		},
	}
}

func helper() journey {
	return journey{
		title: said{"가족이 함께 받기, 그리고 사람과 통화하기", "A helper, and a person to talk to"},
		why: said{
			"문자가 어려운 분은 아들이나 딸도 안내를 받게 할 수 있고, 언제든 사람과 통화하고 싶다고 할 수 있습니다.",
			"Somebody who finds texts hard lets the son get them too, and may ask for a person to talk to at any time.",
		},
		acts: []act{
			texts("예약 570930 오말순 종로구", "BOOK 1957-09-30 Emma Stone Jongno", words.Registered),
			texts("1", "1", words.Welcome),
			comes(words.Offer),
			texts("아들도 받게 해 주세요 {son}", "helper {son}", words.HelperRead).
				korean("도우미 {son}", "아들에게도 문자 보내주세요 {son}").
				english("please also text my son {son}"),
			texts("6", "6", words.HelperSet),
			comes(words.HelperNamed).by("son"),
			texts("사람하고 통화하고 싶어요", "I want to speak to a person", words.CallOwed).
				korean("상담원 연결해 주세요", "전화 주세요").
				english("call me please", "call me back"),
			elsewhere("상담원 목록에 할 전화가 올라옵니다. 먼저 오신 분부터 전화합니다.", "A call is owed and stands on the agents' list, in the order of arrival.",
				`SELECT count(*) FROM callback WHERE 'asked' = ANY (reasons) AND closed_at IS NULL`),
		},
	}
}
