//go:build journeys

package main

import "jari/booking/words"

// journeys are those that most people go through, as docs/phones.md shows them.
func journeys() []journey {
	return []journey{
		atOnce(), bitByBit(), misspelt(), veryOld(), family(), whereAndWhy(), wishes(), corrected(), notMe(), helper(), beforeOpening(), offered(),
	}
}

func atOnce() journey {
	return journey{
		title: said{"한 번에 신청", "Everything in one text"},
		why: said{
			"생년월일, 이름, 사는 곳을 한 통에 적습니다. 포스터나 안내문을 보고 보내는, 가장 빠른 방법입니다.",
			"Somebody who has seen the poster sends birth date, name and place at once: the quickest way.",
		},
		acts: []act{
			texts("예약 580412 홍길동 강남구", "BOOK 1958-04-12 Jane Doe Gangnam", words.Registered).
				korean("홍길동 강남구 580412", "예약580412홍길동강남구", "예약 1958.4.12 홍길동 강남", "안녕하세요 예약 부탁드립니다. 홍길동 58년 4월 12일 강남구",
					"예약 ５８０４１２ 홍길동 강남구", "예약\n580412\n홍길동\n강남구", "예약 580412-1234567 홍길동 강남구").
				english("Jane Doe, 12 April 1958, Gangnam", "book Gangnam-gu Jane Doe 19580412", "Hello, I would like to register. My name is Jane Doe, born April 12, 1958, I live in Gangnam"),
			texts("1", "1", words.Welcome).
				korean("1번", "1번이요", "답장 1", "１", "네 1", "1 네", "1번 본인입니다", "1번입니다 감사합니다", "①", "일번").
				english("reply 1", "No. 1", "yes 1", "1 yes", "number 1", "#1"),
			comes(words.Offer),
		},
	}
}

func bitByBit() journey {
	return journey{
		title: said{"하나씩 물어보는 대로", "Bit by bit, as it is asked"},
		why: said{
			"무엇을 적어야 하는지 모르거나 길게 쓰기 어려운 분은 '예약'만 보내면 됩니다. 처음 보낸 문자의 시각이 인정됩니다.",
			"Somebody who does not know what to write, or finds long texts hard, sends one word and answers the questions. The first text's time counts.",
		},
		acts: []act{
			texts("예약", "BOOK", words.AskMissing).
				korean("신청", "예약이요", "백신 예약하고 싶어요").
				english("book", "register", "I want to book"),
			texts("김영희", "Mary Smith", words.AskMissing).
				korean("김영희입니다", "이름은 김영희예요").
				english("My name is Mary Smith"),
			texts("600105", "5 January 1960", words.AskMissing).
				korean("1960년 1월 5일", "60.1.5", "60년생 1월5일").
				english("1960-01-05", "Jan 5, 1960"),
			texts("마포구", "Mapo", words.Registered).
				korean("마포", "마포구에 살아요", "서울 마포구요").
				english("I live in Mapo-gu"),
		},
	}
}

func offered() journey {
	return journey{
		title: said{"시간 안내와 확정, 하루 전 알림", "A time is offered and confirmed, and the reminder on the day before"},
		why: said{
			"차례가 되면 시간과 장소를 알려 드립니다. 답하지 않아도 그 시간은 그분의 것이며, 답하시면 담당자가 오실 분을 미리 알 수 있습니다. 하루 전에 다시 알려 드리고, 못 오시면 그때 사양하실 수 있습니다. 순번은 그대로입니다.",
			"When the turn comes, a time and a place are texted. They stay the person's even without an answer; the answer tells the site who will come. On the day before they are reminded, and may still give the time back; they keep their place.",
		},
		acts: []act{
			texts("예약 590712 박정수 종로구", "BOOK 1959-07-12 Paul Brown Jongno", words.Registered),
			texts("1", "1", words.Welcome),
			comes(words.Offer),
			texts("3", "3", words.Confirmed).
				korean("3번", "3번이요", "3번 갈게요", "네 3번이요", "참석 3").
				english("reply 3", "answer 3", "yes 3", "3 I will come", "confirm 3"),
			texts("고맙습니다", "Thank you").
				korean("감사합니다", "네 감사합니다").
				english("Thanks", "ok thank you"),
			clock("4 Mar 17:00", words.Reminder),
			texts("7", "7", words.Declined).
				korean("7번", "7번 못가요", "7번 못 갈 것 같아요 죄송합니다").
				english("reply 7", "7 I cannot come"),
			comes(words.Offer),
		},
	}
}

func whereAndWhy() journey {
	return journey{
		title: said{"지금 어떻게 되었는지, 왜 그런지", "Where do I stand, and why"},
		why: said{
			"기다리는 분은 언제든 '조회'와 '왜'로 물어볼 수 있습니다. 묻는다고 순번이 달라지지 않습니다.",
			"Whoever waits may ask at any time how it stands and why. Asking changes nothing about the place.",
		},
		acts: []act{
			texts("예약 520625 최순옥 강남구", "BOOK 1952-06-25 Ann Green Gangnam", words.Registered),
			texts("1", "1", words.Welcome),
			comes(words.NoTime),
			texts("조회", "STATUS", words.Status).
				korean("예약 조회", "신청확인", "순번 확인 부탁드립니다").
				english("status", "Status?"),
			texts("왜", "WHY", words.Why).
				korean("왜요?", "왜 그런가요", "이유가 뭐예요").
				english("why?", "Why"),
		},
	}
}
