import { describe, expect, it } from '@jest/globals';
import { isObject } from '../json.js';
import { parseExact } from '../parse-json.js';
import { queryOfUrl, readListQuery } from './query.js';
import { project } from './record.js';
import { selectRecords } from './store.js';

const RECORDS = new Map(
  Object.entries({
    a: '{"title": "Milk", "status": "A", "rank": 10, "done": false, "owner": {"name": "Ada"}}',
    b: '{"title": "Bread", "status": "B", "rank": 9, "done": true}',
    c: '{"title": "Butter_milk", "status": "A", "rank": 9007199254740993, "note": null}',
    d: '{"title": "100% rye"}',
  }).map(([id, text]) => {
    const data = parseExact(text);
    if (!isObject(data)) throw new Error(text);
    return [id, data];
  }),
);

const list = (query: string) => selectRecords(RECORDS, readListQuery(queryOfUrl(query)));
const idsOf = (query: string) =>
  list(query)
    .map(({ id }) => id)
    .join('');

describe('filters of a list', () => {
  it.each([
    ['data.status.EQ=A', 'ac'],
    ['status.EQ=A', 'ac'],
    ['data.status.NE=A', 'bd'],
    ['data.rank.GT=9', 'ac'],
    ['data.rank.GE=9', 'abc'],
    ['data.rank.LT=10', 'b'],
    ['data.rank.LE=10.0', 'ab'],
    ['data.title.GT=Butter', 'ac'],
    ['data.done.EQ=true', 'b'],
    ['data.note.EQ=null', 'c'],
    ['data.owner.name.EQ=Ada', 'a'],
    ['data.status.IN=B,A', 'abc'],
    ['id.IN=d,b', 'bd'],
    ['data.status.EXISTS=false', 'd'],
    ['data.owner.EXISTS=true', 'a'],
    ['data.status.EQ=A&data.rank.LT=100', 'a'],
    ['data.status.EQ=A&data.status.EQ=B', ''],
    ['ids=c, a', 'ac'],
  ])('%s finds %s', (query, ids) => expect(idsOf(query)).toBe(ids));

  it.each([
    ['M%', 'a'],
    ['%ilk', 'ac'],
    ['%milk', 'c'],
    ['B%r%', 'bc'],
    ['M_lk', 'a'],
    ['Butter\\_milk', 'c'],
    ['100\\%%', 'd'],
    ['Milk', 'a'],
    ['%', 'abcd'],
    ['', ''],
  ])('LIKE %s finds %s', (pattern, ids) => {
    expect(idsOf(`data.title.LIKE=${encodeURIComponent(pattern)}`)).toBe(ids);
  });

  it('tell whole numbers apart that JavaScript cannot', () => {
    expect(idsOf('data.rank.EQ=9007199254740993')).toBe('c');
    expect(idsOf('data.rank.EQ=9007199254740992')).toBe('');
  });

  it('see no inherited members', () => expect(idsOf('data.constructor.name.EXISTS=true')).toBe(''));

  it.each(['data.status.EQUALS=A', 'data.status=A', '.EQ=A', 'data.rank.eq=1', 'data.done.EXISTS=yes'])(
    'are refused as %s, also over no records',
    (query) => expect(() => readListQuery(queryOfUrl(query))).toThrow(expect.objectContaining({ code: 10024 })),
  );

  it('end in time for a pattern that would make a regular expression backtrack', () => {
    const record = new Map([['a', { text: 'a'.repeat(10_000) }]]);
    const query = readListQuery(queryOfUrl(`data.text.LIKE=${encodeURIComponent('%a'.repeat(400) + 'b')}`));
    expect(selectRecords(record, query)).toEqual([]);
  });
});

describe('order and pages of a list', () => {
  it.each([
    ['orderBy=data.rank asc', 'bacd'],
    ['orderBy=data.rank desc', 'cabd'],
    ['orderBy=id DESC', 'dcba'],
    ['orderBy=data.title', 'dbca'],
    ['orderBy=data.status desc,data.rank desc', 'bcad'],
    ['skip=1&limit=2', 'bc'],
    ['limit=0', ''],
    ['skip=9', ''],
    ['orderBy=id desc&skip=1&limit=1', 'c'],
    ['previous=x', 'abcd'],
  ])('%s gives %s', (query, ids) => expect(idsOf(query)).toBe(ids));

  it.each(['skip=-1', 'limit=x', 'limit=1.5', 'limit=', 'orderBy=id up', 'orderBy=id asc desc'])(
    '%s is refused',
    (query) => expect(() => readListQuery(queryOfUrl(query))).toThrow(expect.objectContaining({ code: 10011 })),
  );
});

describe('fields of a list', () => {
  const cut = (fields: string) => {
    const [record] = list('ids=a');
    return project(record ?? { id: '', data: {} }, readListQuery(queryOfUrl(`fields=${fields}`)).fields);
  };
  it('are cut out of the data, and the id always stays', () => {
    expect(cut('data.title,data.owner.name')).toEqual({ id: 'a', data: { title: 'Milk', owner: { name: 'Ada' } } });
    expect(cut('title')).toEqual({ id: 'a', data: { title: 'Milk' } });
    expect(cut('id')).toEqual({ id: 'a', data: {} });
  });
  it('may be named twice and need not be there', () => {
    expect(cut('owner,owner.name,title.x,nothing')).toEqual({ id: 'a', data: { owner: { name: 'Ada' } } });
    expect(cut('owner.name,owner')).toEqual({ id: 'a', data: { owner: { name: 'Ada' } } });
  });
});
