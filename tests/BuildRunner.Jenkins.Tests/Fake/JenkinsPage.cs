namespace BuildRunner.Jenkins.Tests.Fake;

internal static class JenkinsPage
{
    extension(FakeReply)
    {
        /// <summary>A page of Jenkins.</summary>
        public static FakeReply Page(int status, string text) =>
            new FakeReply(status, $"<html><body>{text}</body></html>", "text/html;charset=utf-8").With("X-Jenkins", FakeJenkins.Version);
    }
}
