import { describe, expect, it } from '@jest/globals';
import { editedObject, REMOVE, withEdit, type Edits } from './text-edits.js';

const put = (edits: Edits, path: string, text: string) => withEdit(edits, path.split('.'), { kind: 'put', text });
const remove = (edits: Edits, path: string) => withEdit(edits, path.split('.'), REMOVE);
const none: Edits = new Map();

describe('an edited object', () => {
  it('has the new value in the place of the old one, and all else byte for byte', () => {
    const text = ' {"a" : 1.10 ,\n "owner" :  [ 1, 2 ] , "n":9007199254740993 } ';
    expect(editedObject(text, put(none, 'owner', '"me"'))).toBe(
      ' {"a" : 1.10 ,\n "owner" :  "me" , "n":9007199254740993 } ',
    );
  });
  it('has a new member behind the others', () => {
    expect(editedObject('{"a":1.10 }', put(none, 'b', '2'))).toBe('{"a":1.10,"b":2 }');
    expect(editedObject('{ }', put(none, 'b', '2'))).toBe('{"b":2 }');
  });
  it('is edited inside', () => {
    expect(editedObject('{"a":{"b":1,"c":2.0}}', put(none, 'a.b', '7'))).toBe('{"a":{"b":7,"c":2.0}}');
  });
  it('has objects on the way, also in the place of what is no object', () => {
    expect(editedObject('{}', put(none, 'a.b.c', '1'))).toBe('{"a":{"b":{"c":1}}}');
    expect(editedObject('{"a":[{"b":0}],"x":1}', put(none, 'a.b', '1'))).toBe('{"a":{"b":1},"x":1}');
  });
  it.each(['[1]', '"x"', 'null', ' 5 '])('stands in the place of %s where something is put in', (text) => {
    expect(editedObject(text, put(none, 'a', '1'))).toBe('{"a":1}');
  });
  it.each(['[1]', '"x"', 'null'])('leaves %s where something would only be taken out', (text) => {
    expect(editedObject(text, remove(none, 'a.b'))).toBe(text);
  });
  it.each([
    ['first', '{ "a":1 , "b":2 , "c":3 }', 'a', '{  "b":2 , "c":3 }'],
    ['middle', '{"a":1, "b":2, "c":3}', 'b', '{"a":1, "c":3}'],
    ['last', '{"a":1,"b":2}', 'b', '{"a":1}'],
    ['only', '{"a":1}', 'a', '{}'],
  ])('lacks the %s member that is taken out', (_which, text, name, expected) => {
    const edited = editedObject(text, remove(none, name));
    expect(JSON.parse(edited)).toEqual(JSON.parse(expected));
    expect(edited.replaceAll(' ', '')).toBe(expected.replaceAll(' ', ''));
  });
  it('has an edited name once, however often and in whatever escapes it came', () => {
    const text = String.raw`{"a":1,"\u0061":2,"b":3}`;
    expect(editedObject(text, put(none, 'a', '7'))).toBe(String.raw`{"\u0061":7,"b":3}`);
    expect(editedObject(text, remove(none, 'a'))).toBe('{"b":3}');
  });
});

describe('edits at overlapping paths', () => {
  it('count in their order', () => {
    expect(editedObject('{}', put(put(none, 'a', '{"b":1,"c":2}'), 'a.b', '7'))).toBe('{"a":{"b":7,"c":2}}');
    expect(editedObject('{}', put(put(none, 'a.b', '7'), 'a', '{"c":2}'))).toBe('{"a":{"c":2}}');
    expect(editedObject('{}', put(put(none, 'a', '5'), 'a.b', '7'))).toBe('{"a":{"b":7}}');
  });
  it('put into what was taken out without anything that the client had there', () => {
    expect(editedObject('{"a":{"x":1}}', put(remove(none, 'a'), 'a.b', '7'))).toBe('{"a":{"b":7}}');
  });
  it('take nothing out of what was put or is gone already', () => {
    expect(editedObject('{"a":{"b":1}}', remove(remove(none, 'a'), 'a.b'))).toBe('{}');
    expect(editedObject('{}', remove(put(none, 'a', '{"b":1}'), 'a.b'))).toBe('{"a":{"b":1}}');
  });
});
