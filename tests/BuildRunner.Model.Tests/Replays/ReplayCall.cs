namespace BuildRunner.Model.Tests.Replays;

/// <summary>The calls to the store and the runner before which a handler can be held.</summary>
internal enum ReplayCall { Read, ReadDocuments, ReadLine, ReadAll, List, Save, SaveGuarded, Commit, Insert, Create, Find, Status, Cancel }
