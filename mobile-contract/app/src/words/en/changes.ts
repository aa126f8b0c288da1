// Words about changing and leaving: wishes, correction, family, helper, withdrawal, forgetting.
import type { Changes } from '../ko/changes.ts'

export const changes: Changes = {
  wishesTitle: 'Days and places',
}
