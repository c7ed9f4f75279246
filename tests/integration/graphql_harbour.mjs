// The data of tests/support/graphql_harbour.hpp, for graphql-js.

// The rules that the generated documents must break at least once; otherwise the comparison would mean nothing.
export const describeRules = [
  'UniqueOperationNames', 'LoneAnonymousOperation', 'SingleFieldSubscriptions', 'FieldsOnCorrectType', 'OverlappingFieldsCanBeMerged',
  'ScalarLeafs', 'KnownArgumentNames', 'UniqueArgumentNames', 'ProvidedRequiredArguments', 'UniqueFragmentNames', 'KnownTypeNames',
  'FragmentsOnCompositeTypes', 'NoUnusedFragments', 'KnownFragmentNames', 'NoFragmentCycles', 'PossibleFragmentSpreads',
  'ValuesOfCorrectType', 'UniqueInputFieldNames', 'KnownDirectives', 'UniqueDirectivesPerLocation', 'UniqueVariableNames',
  'VariablesAreInputTypes', 'NoUndefinedVariables', 'NoUnusedVariables', 'VariablesInAllowedPosition',
];

const nickname = (name) => ({ short }) => [...name].slice(0, short ? 1 : 2).join('');

function vehicle(boat, name, count, owner) {
  const kind = boat ? { __typename: 'Boat', sails: count, size: 12 } : { __typename: 'Car', doors: count, size: 'small' };
  return { ...kind, name, nickname: nickname(name), owner: () => owner };
}

function person(name, age, manager) {
  const vehicles = [];
  const self = {
    __typename: 'Person', name, age, manager, nickname: nickname(name), list: vehicles,
    vehicles: ({ first }) => vehicles.slice(0, Math.max(0, first)),
    matrix: [[age, 1], [], [2]],
    fails: () => { throw new Error('it does'); },
  };
  return self;
}

const ada = person('Ada', 36, null);
const bob = person('Bob "\u00e9"', -7, ada);
ada.list.push(vehicle(false, 'Beetle', 2, ada), vehicle(true, 'Argo', 3, ada), vehicle(false, 'Panda', 4, ada));
bob.list.push(vehicle(true, 'Nemo', 0, bob));

export const harbourRoot = {
  person: ({ id }) => ({ 1: ada, 2: bob })[id] ?? null,
  named: bob,
  vehicle: ada.list[1],
  vehicles: ada.list,
  search: [ada, bob.list[0], null],
  number: ({ x }) => x ?? null,
  kinds: ['CAR', 'RAFT'],
  owned: bob.list[0],
  numbers: [1, new Error('no second')],
  nothing: null,
  sum: ({ range }) => range.from + (range.to ?? 0) + (range.within ?? []).reduce((a, b) => a + b, 0),
};
