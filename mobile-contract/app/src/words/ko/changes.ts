// Words about changing and leaving: wishes, correction, family, helper, withdrawal, forgetting.
export const changes = {
  wishesTitle: '날짜·장소 희망',
}

export type Changes = typeof changes
