// Words about the appointment: ticket, answers, swap, explanation.
import type { Times } from '../ko/times.ts'

export const times: Times = {
  apptTitle: 'Appointment',
}
