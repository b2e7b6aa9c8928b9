/** How much of histograms is on the page: every bucket, every third, or none (sums and counts alone). */
export type BucketDetail = 'all' | 'few' | 'none';

/** What the operator chose; `auto` goes by the number of versions. */
export type BucketSetting = BucketDetail | 'auto';

/** A version takes 13 KB with all buckets, 7 with few, 2 with none: the page stays around 2 MB. */
const mostVersions = { all: 100, few: 250 };

export function bucketDetail(setting: BucketSetting, versions: number): BucketDetail {
  if (setting !== 'auto') return setting;
  if (versions <= mostVersions.all) return 'all';
  return versions <= mostVersions.few ? 'few' : 'none';
}

/** Whether the bucket at this place, of so many bounds, is shown; what it counted is in the next one that is. */
export function isBucketShown(detail: BucketDetail, index: number, bounds: number): boolean {
  if (detail === 'all') return true;
  return detail === 'few' && (index === bounds || index % 3 === 0);
}
