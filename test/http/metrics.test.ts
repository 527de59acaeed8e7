/** The exposition text: what a scrape sees, and that clients cannot blow it up. */
import { expect, it } from 'vitest';
import { renderMetrics } from '../../src/http/metrics.js';
import { sampleStats } from './fake-inspection.js';

const lines = async () => (await renderMetrics(sampleStats())).split('\n');

it('sets every figure from the snapshot', async () => {
  expect(await lines()).toEqual(
    expect.arrayContaining([
      '# TYPE rootwalk_queries_total counter',
      'rootwalk_queries_total 100',
      'rootwalk_query_hit_ratio 0.789',
      'rootwalk_replies_by_rcode_total{rcode="SERVFAIL"} 5',
      'rootwalk_query_latency_seconds{outcome="miss",quantile="0.99"} 0.25',
      'rootwalk_cache_evictions_total{store="rrset"} 3',
      'rootwalk_cache_bytes{store="delegation"} 4800',
      'rootwalk_cache_synthesised_total{answer="nxdomain"} 5',
      'rootwalk_stale_answers_total{reason="backoff"} 2',
      'rootwalk_refreshes_started_total{cause="prefetch"} 9',
      'rootwalk_refreshes_refused_total{cause="prefetch"} 2',
      'rootwalk_refreshes_in_flight 1',
      'rootwalk_refreshed_hits_total 21',
      'rootwalk_shared_hits_total 12',
      'rootwalk_shared_usable 0',
      'rootwalk_shared_latency_seconds 0.0015',
      'rootwalk_upstream_timeouts_total 4',
      'rootwalk_upstream_family_up{family="ipv6"} 0',
      'rootwalk_build_info{version="0.1.0"} 1',
      'process_resident_memory_bytes 123456789',
    ]),
  );
});

it('has no sample of a shared cache where there is none', async () => {
  const text = await renderMetrics({ ...sampleStats(), shared: null });
  expect(text.split('\n').filter((line) => line.startsWith('rootwalk_shared_'))).toEqual([]);
});

it('tells of front threads where there are any', async () => {
  const text = await renderMetrics({ ...sampleStats(), fronts: { threads: 4, serving: 3, restarts: 2 } });
  expect(text).toContain('rootwalk_front_threads_serving 3\n');
  expect(text).toContain('rootwalk_front_restarts_total 2\n');
  expect((await lines()).filter((line) => line.startsWith('rootwalk_front_'))).toEqual([]);
});

it('folds types without a mnemonic into one series', async () => {
  const types = (await lines()).filter((line) => line.startsWith('rootwalk_queries_by_type_total'));
  expect(types).toEqual([
    'rootwalk_queries_by_type_total{type="A"} 60',
    'rootwalk_queries_by_type_total{type="AAAA"} 30',
    'rootwalk_queries_by_type_total{type="other"} 10',
  ]);
});

it('helps with every metric, names counters _total and says the same twice', async () => {
  const first = await lines();
  for (const line of first.filter((text) => text.startsWith('# TYPE'))) {
    const [, , name, kind] = line.split(' ');
    expect(first.some((text) => text.startsWith(`# HELP ${name} `) && text.endsWith('.'))).toBe(true);
    expect(name!.endsWith('_total')).toBe(kind === 'counter');
  }
  const own = (text: string) => text.includes('rootwalk_') && !text.startsWith('#');
  expect((await lines()).filter(own)).toEqual(first.filter(own));
});
