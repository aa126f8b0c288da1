// Words about the appointment: ticket, answers, swap, explanation.
export const times = {
  apptTitle: '예약',
}

export type Times = typeof times
