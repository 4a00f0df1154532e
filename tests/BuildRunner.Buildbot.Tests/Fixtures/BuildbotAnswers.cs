namespace BuildRunner.Buildbot.Tests.Fixtures;

/// <summary>What a real master has answered, cut to what the runner reads.</summary>
internal static class BuildbotAnswers
{
    public const string Builders = """{"builders":[{"builderid":1,"name":"verify"}],"meta":{"total":1}}""";

    public const string Scheduler = """{"forceschedulers":[{"name":"force","builder_names":["verify"],"all_fields":[{"fullName":"reason"},{"fullName":null,"fields":[{"fullName":"build_request"}]}]}]}""";
}
